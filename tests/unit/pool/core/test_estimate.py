from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pool.core.estimate import LEAST_REMAINING, Capacity, waits


def capacity(**changes: Any) -> Capacity:
    """Return a pool that has nothing and gets nothing, but for what is said."""
    values: dict[str, Any] = {
        "assignable": 0,
        "preparing": [],
        "sessions": [],
        "startable": 0,
        "leaving": 0,
        "starts_at_once": 2,
        "refill": 10.0,
        "removal": 1.0,
        "session": None,
    }
    return Capacity(**(values | changes))


def test_who_finds_an_instance_free_enters_at_once() -> None:
    assert waits(capacity(assignable=2), 2) == [0.0, 0.0]


def test_nobody_can_tell_when_nothing_ever_comes() -> None:
    assert waits(capacity(), 2) == [None, None]


def test_an_instance_on_its_way_comes_when_the_rest_of_a_usual_start_is_over() -> None:
    assert waits(capacity(preparing=[2.0, 7.0]), 3) == [3.0, 8.0, None]


def test_a_start_that_takes_longer_than_usual_is_expected_any_moment() -> None:
    assert waits(capacity(preparing=[60.0]), 1) == [1.0]


def test_no_more_start_at_once_than_may() -> None:
    assert waits(capacity(startable=3), 3) == [10.0, 10.0, 20.0]
    assert waits(capacity(startable=3, starts_at_once=1), 3) == [10.0, 20.0, 30.0]


def test_a_start_under_way_keeps_the_next_one_waiting() -> None:
    assert waits(capacity(preparing=[5.0], startable=1, starts_at_once=1), 2) == [5.0, 15.0]


def test_what_is_over_makes_room_once_it_is_gone() -> None:
    assert waits(capacity(leaving=1), 1) == [11.0]


def test_a_session_makes_room_when_a_usual_one_is_over() -> None:
    assert waits(capacity(sessions=[40.0], session=100.0), 1) == [60.0 + 1.0 + 10.0]


def test_a_session_older_than_usual_is_taken_to_last_a_part_more() -> None:
    assert waits(capacity(sessions=[400.0], session=100.0), 1) == [100.0 * LEAST_REMAINING + 1.0 + 10.0]


def test_sessions_say_nothing_before_one_has_ended() -> None:
    assert waits(capacity(assignable=1, sessions=[40.0]), 2) == [0.0, None]


def test_those_who_enter_make_room_again_for_those_behind_them() -> None:
    assert waits(capacity(assignable=1, session=100.0), 3) == [0.0, 111.0, 222.0]


def test_nobody_in_line_is_told_nothing() -> None:
    assert waits(capacity(assignable=1), 0) == []


TENS = st.integers(1, 3).map(lambda n: n * 10)
FOURS = st.integers(1, 5).map(lambda n: n * 4)
small = st.builds(
    lambda starters, ages, sessions, startable, leaving, assignable, refill, removal, session: capacity(
        assignable=assignable,
        preparing=[float(min(age, refill)) for age in ages[:starters]],
        sessions=[float(age) for age in sessions],
        startable=startable,
        leaving=leaving,
        starts_at_once=starters,
        refill=float(refill),
        removal=float(removal),
        session=None if session is None else float(session),
    ),
    st.integers(1, 3),
    st.lists(st.integers(0, 40), max_size=3),
    st.lists(st.integers(0, 30), max_size=3),
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(0, 3),
    TENS,
    st.integers(1, 4),
    st.none() | FOURS,
)


@given(small, st.integers(0, 8))
def test_an_estimate_is_what_living_through_it_second_by_second_shows(pool: Capacity, count: int) -> None:
    assert waits(pool, count) == lived_through(pool, count)


def lived_through(pool: Capacity, count: int) -> list[float | None]:
    """Return the same, found by letting every second pass. All times are whole seconds."""
    refill, removal = int(pool.refill), int(pool.removal)
    warm_at = [max(refill - int(age), refill // 10) for age in pool.preparing]
    busy_until = sorted(warm_at)
    room_at = [0] * pool.startable + [removal] * pool.leaving
    if pool.session is not None:
        least = int(pool.session * LEAST_REMAINING)
        room_at += [max(int(pool.session - age), least) + removal for age in pool.sessions]
    ready, entered, now = pool.assignable, list[float | None](), 0
    while len(entered) < count:
        ready += warm_at.count(now)
        busy_until = [until for until in busy_until if until > now]
        for moment in sorted(at for at in room_at if at <= now):
            if len(busy_until) < pool.starts_at_once:
                room_at.remove(moment)
                warm_at.append(now + refill)
                busy_until.append(now + refill)
        while ready and len(entered) < count:
            ready -= 1
            entered.append(float(now))
            if pool.session is not None:
                room_at.append(now + int(pool.session) + removal)
        if not room_at and all(at <= now for at in warm_at):
            break
        now += 1
    return entered + [None] * (count - len(entered))


times = st.floats(0, 1e5, allow_subnormal=False)
anything = st.builds(
    Capacity,
    assignable=st.integers(0, 20),
    preparing=st.lists(times, max_size=10),
    sessions=st.lists(times, max_size=20),
    startable=st.integers(0, 20),
    leaving=st.integers(0, 5),
    starts_at_once=st.integers(1, 5),
    refill=st.floats(0.1, 300),
    removal=st.floats(0, 30),
    session=st.none() | times,
)


@given(anything, st.integers(0, 60))
def test_nobody_is_told_to_wait_less_than_somebody_before_them(pool: Capacity, count: int) -> None:
    told = waits(pool, count)
    known = [each for each in told if each is not None]
    assert len(told) == count
    assert known == sorted(known)
    assert all(each >= 0 for each in known)
    assert told == known + [None] * (count - len(known))


@given(anything, st.integers(1, 30))
def test_one_more_free_instance_makes_nobody_wait_longer(pool: Capacity, count: int) -> None:
    more = Capacity(
        **{name: getattr(pool, name) for name in Capacity.__slots__} | {"assignable": pool.assignable + 1}
    )
    for before, after in zip(waits(pool, count), waits(more, count), strict=True):
        assert before is None or (after is not None and after <= before + 1e-6)
