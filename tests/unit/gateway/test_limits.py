from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import SessionsLimited, SpawnsLimited
from gateway.limits import BUCKETS, Limits
from tests.support.house import Clock

if TYPE_CHECKING:
    from gateway.proxy.visitor import Address

ONE = ip_address("203.0.113.7")
OTHER = ip_address("203.0.113.8")
SITE = ip_address("2001:db8:1:2::1")
SAME_SITE = ip_address("2001:db8:1:2:ffff::9")
NEXT_SITE = ip_address("2001:db8:1:3::1")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limits(clock: Clock, *, sessions: int = 2, spawns: int = 3) -> Limits:
    return Limits(sessions_per_address=sessions, spawns_per_minute=spawns, clock=clock)


def granted(limits: Limits, address: Address | None, tries: int) -> int:
    """Return how many of so many wishes in a row are not refused."""
    count = 0
    for _ in range(tries):
        try:
            limits.spawn(address)
        except SpawnsLimited:
            continue
        count += 1
    return count


def test_an_address_may_ask_for_so_many_at_once_and_then_in_the_same_minute(clock: Clock) -> None:
    here = limits(clock, spawns=3)
    assert granted(here, ONE, 10) == 3
    clock.now += 20.0
    assert granted(here, ONE, 10) == 1
    clock.now += 3600.0
    assert granted(here, ONE, 10) == 3


def test_a_refusal_says_how_long_to_wait_and_that_is_enough_and_not_a_second_too_much(clock: Clock) -> None:
    here = limits(clock, spawns=4)
    granted(here, ONE, 4)
    clock.now += 1.0
    with pytest.raises(SpawnsLimited) as refused:
        here.spawn(ONE)
    wait = refused.value.retry_after
    assert wait == 14.0
    clock.now += wait - 1.0
    assert granted(here, ONE, 1) == 0
    clock.now += 1.0
    assert granted(here, ONE, 5) == 1


def test_a_refused_wish_costs_nothing(clock: Clock) -> None:
    here = limits(clock, spawns=1)
    granted(here, ONE, 100)
    clock.now += 60.0
    assert granted(here, ONE, 1) == 1


@settings(deadline=None)
@given(
    spawns=st.integers(1, 60),
    pauses=st.lists(st.floats(0, 120, allow_nan=False), max_size=60),
)
def test_in_no_minute_an_address_gets_more_than_twice_its_number(spawns: int, pauses: list[float]) -> None:
    clock = Clock()
    here = limits(clock, spawns=spawns)
    times: list[float] = []
    for pause in pauses:
        clock.now += pause
        times += [clock.now] * granted(here, ONE, spawns + 1)
    for start in times:
        assert sum(start <= time <= start + 59.0 for time in times) <= 2 * spawns


@settings(deadline=None)
@given(spawns=st.integers(1, 500), before=st.floats(0, 1e7, allow_nan=False))
def test_who_waits_as_long_as_told_is_served_at_any_hour(spawns: int, before: float) -> None:
    clock = Clock()
    clock.now += before
    here = limits(clock, spawns=spawns)
    for _ in range(spawns):
        here.spawn(ONE)
    with pytest.raises(SpawnsLimited) as refused:
        here.spawn(ONE)
    assert refused.value.retry_after is not None
    clock.now += refused.value.retry_after
    here.spawn(ONE)


def test_addresses_do_not_use_each_others_share(clock: Clock) -> None:
    here = limits(clock, spawns=3)
    assert granted(here, ONE, 5) == granted(here, OTHER, 5) == 3


def test_the_addresses_of_one_customer_count_together(clock: Clock) -> None:
    here = limits(clock, sessions=2, spawns=3)
    assert granted(here, SITE, 2) + granted(here, SAME_SITE, 5) == 3
    assert granted(here, NEXT_SITE, 5) == 3
    here.hold(SITE, "a")
    here.hold(SAME_SITE, "b")
    with pytest.raises(SessionsLimited):
        here.hold(SITE, "c")
    here.hold(NEXT_SITE, "d")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", None])
def test_this_machine_and_nobody_are_not_limited(clock: Clock, address: str | None) -> None:
    here = limits(clock)
    where = ip_address(address) if address else None
    assert granted(here, where, 100) == 100
    for number in range(100):
        here.hold(where, str(number))


def test_0_is_no_limit(clock: Clock) -> None:
    here = limits(clock, sessions=0, spawns=0)
    assert granted(here, ONE, 1000) == 1000
    for number in range(1000):
        here.hold(ONE, str(number))


def test_what_is_released_makes_room_for_another(clock: Clock) -> None:
    here = limits(clock)
    here.hold(ONE, "a")
    here.hold(ONE, "b")
    with pytest.raises(SessionsLimited):
        here.hold(ONE, "c")
    here.hold(OTHER, "d")
    here.release("a")
    here.hold(ONE, "c")


def test_holding_or_releasing_twice_counts_once(clock: Clock) -> None:
    here = limits(clock)
    for _ in range(5):
        here.hold(ONE, "a")
    here.hold(ONE, "b")
    for _ in range(5):
        here.release("a")
        here.release("never there")
    here.hold(ONE, "c")
    with pytest.raises(SessionsLimited):
        here.hold(ONE, "d")


def test_a_ticket_that_becomes_a_session_is_still_one(clock: Clock) -> None:
    here = limits(clock)
    here.hold(ONE, "ticket")
    here.hold(ONE, "a")
    here.move("ticket", "session")
    with pytest.raises(SessionsLimited):
        here.hold(ONE, "b")
    here.release("ticket")
    with pytest.raises(SessionsLimited):
        here.hold(ONE, "b")
    here.release("session")
    here.hold(ONE, "b")


def test_moving_what_is_not_counted_counts_nothing(clock: Clock) -> None:
    here = limits(clock, sessions=1)
    here.move("never there", "session")
    here.hold(ONE, "a")
    here.move("never there", "a")
    with pytest.raises(SessionsLimited):
        here.hold(ONE, "b")


def test_neither_error_tells_what_is_held(clock: Clock) -> None:
    here = limits(clock, sessions=1)
    here.hold(ONE, "secret-one")
    with pytest.raises(SessionsLimited) as refused:
        here.hold(ONE, "secret-two")
    assert "secret" not in refused.value.detail


def test_any_number_of_addresses_takes_bounded_room(clock: Clock) -> None:
    here = limits(clock)
    for number in range(BUCKETS + 5000):
        here.spawn(ip_address(0x2001_0DB8 << 96 | number << 64))
    assert len(here._buckets) == BUCKETS
    clock.now += 60.0
    here.spawn(ONE)
    assert len(here._buckets) == 1


def test_nothing_is_kept_of_those_who_hold_nothing(clock: Clock) -> None:
    here = limits(clock)
    for number in range(1000):
        here.hold(ip_address(0x0A00_0000 + number), str(number))
        here.release(str(number))
    assert not here._holders
    assert not here._held
