from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pool.core.arrivals import ASSUMED_START, KEPT_SECONDS, SHORTEST_START, SLOTS, STEP, Arrivals

HOUR = 3600.0


def test_nobody_has_come_before_anybody_comes() -> None:
    arrivals = Arrivals()
    assert arrivals.count(0.0, 1e9) == 0
    assert [list(part) for part in arrivals.history(0.0, 1e9)] == [[], [0]]


def test_visitors_are_counted_in_the_span_that_is_asked_for() -> None:
    arrivals = Arrivals()
    for moment in (100.0, 200.0, 300.0):
        arrivals.arrived(moment, 2)
    assert arrivals.count(0.0, 99.0) == 0
    assert arrivals.count(100.0, 200.0) == 4
    assert arrivals.count(204.0, 1000.0) == 2


@given(st.lists(st.tuples(st.floats(0, 500), st.integers(1, 5))), st.floats(0, 5000), st.floats(0, 5000))
def test_history_tells_the_same_as_count(
    visits: list[tuple[float, int]], begin: float, length: float
) -> None:
    arrivals, now = Arrivals(), 0.0
    for gap, count in visits:
        now += gap
        arrivals.arrived(now, count)
    slots, totals = arrivals.history(begin, begin + length)
    assert len(totals) == len(slots) + 1
    assert totals[-1] - totals[0] == arrivals.count(begin, begin + length)
    assert all(begin - STEP < slot * STEP <= begin + length for slot in slots)


def test_a_visitor_who_seems_to_come_before_the_last_one_comes_with_them() -> None:
    arrivals = Arrivals()
    arrivals.arrived(100.0)
    arrivals.arrived(50.0)
    assert arrivals.count(0.0, 99.0) == 0
    assert arrivals.count(100.0, 100.0) == 2


def test_three_days_without_a_pause_take_no_more_memory_than_one() -> None:
    arrivals, longest = Arrivals(), 0
    for number in range(int(3 * 24 * HOUR / STEP)):
        arrivals.arrived(number * STEP, 1000)
        longest = max(longest, len(arrivals.history(0.0, number * STEP)[0]) if number % 500 == 0 else 0)
    assert longest <= SLOTS


def test_any_number_of_visitors_at_once_take_the_memory_of_one() -> None:
    arrivals = Arrivals()
    for _ in range(10_000):
        arrivals.arrived(5.0)
    slots, _ = arrivals.history(0.0, 10.0)
    assert len(slots) == 1
    assert arrivals.count(0.0, 10.0) == 10_000


def test_a_day_is_remembered_whatever_comes_after() -> None:
    arrivals = Arrivals()
    arrivals.arrived(0.0, 7)
    for number in range(1, int(KEPT_SECONDS / STEP)):
        arrivals.arrived(number * STEP)
    assert arrivals.count(0.0, 0.0) == 7


def test_a_start_is_taken_to_last_five_seconds_until_one_was_seen() -> None:
    arrivals = Arrivals()
    assert arrivals.start_seconds == ASSUMED_START == 5.0
    arrivals.started(2.5)
    assert arrivals.start_seconds == 2.5


def test_starts_that_hung_do_not_change_how_long_one_lasts() -> None:
    arrivals = Arrivals()
    for seconds in (2.0, 300.0, 2.2, 300.0, 2.1):
        arrivals.started(seconds)
    assert arrivals.start_seconds == 2.2


def test_when_starts_become_slower_for_good_that_is_believed() -> None:
    arrivals = Arrivals()
    for seconds in [2.0] * 100 + [20.0] * 8:
        arrivals.started(seconds)
    assert arrivals.start_seconds == 20.0


def test_a_start_that_took_no_time_is_taken_to_last_a_little() -> None:
    arrivals = Arrivals()
    arrivals.started(0.0)
    assert arrivals.start_seconds == SHORTEST_START


def test_it_says_what_it_knows() -> None:
    arrivals = Arrivals()
    arrivals.arrived(1.0, 3)
    assert repr(arrivals) == "Arrivals(visitors=3, start_seconds=5.0)"
