from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.core.arrivals import STEP, Arrivals
from pool.core.sizing import (
    AROUND,
    CALM,
    CROWD,
    DAY,
    LOOK_BACK,
    QUIET,
    SHARE,
    WINDOW,
    _enough,
    panicking,
    target,
)

Visits = list[tuple[float, int]]
"""Seconds since the visit before, and how many came."""

gaps = st.one_of(st.floats(0, 10), st.floats(0, 400))
visits = st.lists(st.tuples(gaps, st.integers(1, 12)), max_size=60)
start_seconds = st.floats(0.0, 90.0)
sizes = st.integers(0, 40)


def lived(history: Visits, *starts: float, begin: float = 0.0) -> tuple[Arrivals, float]:
    """Return what was seen, and when the last visitor came."""
    arrivals, now = Arrivals(), begin
    for seconds in starts:
        arrivals.started(seconds)
    for gap, count in history:
        now += gap
        arrivals.arrived(now, count)
    return arrivals, now


def wanted(arrivals: Arrivals, now: float, **changes: int) -> int:
    values: dict[str, Any] = {"floor": 1, "ceiling": 200, "starts_at_once": 2}
    return target(arrivals, now, **(values | changes))


def crowd(size: int, at: float = 0.0) -> Arrivals:
    arrivals = Arrivals()
    arrivals.started(2.7)
    arrivals.arrived(at, size)
    return arrivals


def test_a_pool_that_has_seen_nobody_holds_its_floor() -> None:
    assert wanted(Arrivals(), 1000.0, floor=3) == 3


def test_a_ceiling_below_the_floor_wins() -> None:
    assert wanted(Arrivals(), 0.0, floor=3, ceiling=2) == 2
    assert wanted(crowd(50), 1.0, floor=3, ceiling=0) == 0


@given(visits, start_seconds, st.floats(0, 3000), sizes, sizes, st.integers(1, 8))
def test_it_stays_between_floor_and_ceiling(
    history: Visits, start: float, later: float, floor: int, ceiling: int, at_once: int
) -> None:
    arrivals, now = lived(history, start)
    held = wanted(arrivals, now + later, floor=floor, ceiling=ceiling, starts_at_once=at_once)
    assert min(floor, ceiling) <= held <= ceiling


@given(visits, start_seconds, sizes, sizes, sizes)
def test_a_higher_floor_or_ceiling_never_gives_less(
    history: Visits, start: float, floor: int, ceiling: int, more: int
) -> None:
    arrivals, now = lived(history, start)
    held = wanted(arrivals, now, floor=floor, ceiling=ceiling)
    assert wanted(arrivals, now, floor=floor + more, ceiling=ceiling) >= held
    assert wanted(arrivals, now, floor=floor, ceiling=ceiling + more) >= held


@given(visits, visits, start_seconds, st.floats(0, 2 * DAY))
def test_more_visitors_never_give_less(history: Visits, more: Visits, start: float, later: float) -> None:
    def moments(source: Visits) -> list[tuple[float, int]]:
        now, found = 0.0, []
        for gap, count in source:
            now += gap
            found.append((now, count))
        return found

    fewer, all_of_them = Arrivals(), Arrivals()
    for arrivals, source in ((fewer, moments(history)), (all_of_them, moments(history) + moments(more))):
        arrivals.started(start)
        for moment, count in sorted(source):
            arrivals.arrived(moment, count)
    assert wanted(all_of_them, later) >= wanted(fewer, later)


@given(visits, start_seconds, st.floats(0, 1000))
def test_asking_changes_nothing(history: Visits, start: float, later: float) -> None:
    arrivals, now = lived(history, start)
    before = [list(part) for part in arrivals.history(0.0, now + later)]
    first = wanted(arrivals, now + later)
    assert wanted(arrivals, now + later) == first
    assert [list(part) for part in arrivals.history(0.0, now + later)] == before


@given(st.lists(start_seconds, max_size=30), sizes)
def test_starts_alone_never_make_a_pool_grow(starts: list[float], floor: int) -> None:
    arrivals, _ = lived([], *starts)
    assert wanted(arrivals, 100.0, floor=floor) == floor


@given(visits, start_seconds)
def test_after_a_quiet_time_it_is_back_at_the_floor(history: Visits, start: float) -> None:
    arrivals, now = lived(history, start)
    assert wanted(arrivals, now + QUIET) == 1


def test_that_quiet_time_is_needed() -> None:
    arrivals, now = lived([(20.0, 1)] * 60, 2.7)
    assert wanted(arrivals, now) > 1
    assert wanted(arrivals, now + WINDOW / 2) > 1


@given(
    st.lists(st.tuples(st.floats(0, 25), st.integers(1, 9)), min_size=1, max_size=30),
    st.floats(0.5, 30.0),
    st.integers(1, 4),
)
def test_it_never_shrinks_while_panicking(history: Visits, start: float, at_once: int) -> None:
    moments, now = [], 0.0
    for gap, count in history:
        now += gap
        moments.append((now, count))
    arrivals, held = Arrivals(), 0
    arrivals.started(start)
    for step in range(int(LOOK_BACK / STEP)):
        now = step * STEP
        while moments and moments[0][0] <= now:
            arrivals.arrived(*moments.pop(0))
        if not panicking(arrivals, now, at_once):
            held = 0
            continue
        asked = wanted(arrivals, now, ceiling=500, starts_at_once=at_once)
        assert asked >= held
        held = asked


def test_a_crowd_is_a_panic_and_as_few_as_can_be_made_up_for_are_none() -> None:
    assert not panicking(crowd(int(CROWD)), 0.0, 2)
    assert panicking(crowd(int(CROWD) + 1), 0.0, 2)
    assert not panicking(crowd(12), 0.0, 8)


def test_a_panic_lasts_until_it_has_been_calm_for_its_time() -> None:
    arrivals = crowd(20)
    assert wanted(arrivals, CALM) == 20 + (20 - CROWD)
    assert panicking(arrivals, CALM, 2)
    assert not panicking(arrivals, CALM + STEP, 2)
    assert wanted(arrivals, CALM + STEP) < 5


def test_who_is_made_up_for_meanwhile_is_not_missing() -> None:
    trickle, _ = lived([(8.0, 1)] * 30, 2.7)
    crowded, _ = lived([(1.0, 1)] * 30, 2.7)
    assert not panicking(trickle, 240.0, 2)
    assert panicking(crowded, 30.0, 2)


def test_slower_starts_need_more_instances_for_the_same_visitors() -> None:
    quick, now = lived([(20.0, 1)] * 40, 1.0)
    slow, _ = lived([(20.0, 1)] * 40, 20.0)
    assert wanted(slow, now) > wanted(quick, now)


def test_before_a_start_was_seen_it_is_sized_for_one_of_five_seconds() -> None:
    unknown, now = lived([(7.0, 1)] * 90)
    known, _ = lived([(7.0, 1)] * 90, 5.0)
    assert wanted(unknown, now) == wanted(known, now)


def test_the_usual_stock_grows_with_the_visitors() -> None:
    held = []
    for gap in (300.0, 60.0, 20.0, 12.0, 8.0):
        arrivals, now = lived([(gap, 1)] * int(WINDOW / gap), 2.7)
        held.append(wanted(arrivals, now))
    assert held == sorted(held)
    assert held[0] == 1
    assert held[-1] >= 3


@given(st.integers(1, 3000), st.floats(0.001, 0.2))
def test_the_usual_stock_serves_its_share_and_one_less_would_not(count: int, part: float) -> None:
    """Checked with the formula written out; there must be digits left to compare."""

    def served(held: int) -> float:
        r, p = count + 0.5, 1 / (1 + part)
        logs = (
            math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1) + r * math.log(p) + k * math.log1p(-p)
            for k in range(held)
        )
        return math.fsum(map(math.exp, logs))

    held = _enough(count, part, 100_000)
    assert served(held) >= SHARE - 1e-6
    assert served(held - 1) < SHARE + 1e-6


@pytest.mark.parametrize("count", [10**6, 10**9])
def test_more_visitors_than_can_be_reckoned_with_give_the_ceiling(count: int) -> None:
    assert _enough(count, 0.01, 77) == 77


def test_a_panic_is_expected_again_a_day_later_and_only_around_its_time() -> None:
    arrivals = crowd(30, at=1000.0)
    assert wanted(arrivals, 1000.0 + DAY - AROUND - STEP) == 1
    assert wanted(arrivals, 1000.0 + DAY - AROUND + STEP) == 30
    assert wanted(arrivals, 1000.0 + DAY) == 30
    assert wanted(arrivals, 1000.0 + DAY + AROUND + STEP) == 1


def test_a_day_later_as_many_are_held_as_came_in_the_crowd_and_not_only_as_were_missing() -> None:
    arrivals, now = lived([(1.0, 1)] * 60, 2.7)
    assert wanted(arrivals, now + DAY) == 60


def test_visitors_who_were_no_crowd_are_not_expected_again() -> None:
    arrivals, now = lived([(20.0, 1)] * 200, 2.7)
    assert wanted(arrivals, now + DAY - 60.0) == 1


def test_a_busy_day_is_no_crowd_that_lasts_all_day() -> None:
    """Two visitors every four seconds are more than half of what can be started, and less than all of it."""
    arrivals, now = lived([(4.0, 2)] * 900, 2.7)
    assert wanted(arrivals, now + DAY - 1800.0) < 5
