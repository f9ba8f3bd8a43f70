"""What is kept stays within its bytes and its time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.assets.asset import OVERHEAD, Key, Source
from gateway.assets.limits import Limits
from gateway.assets.store import Store
from tests.support.house import Clock
from tests.unit.gateway.assets.making import asset

LIMITS = Limits(refused=3, refused_for=10.0)
SOURCE = Source("pool", "generation")
BUDGET = 5 * OVERHEAD


def key(number: int, source: Source = SOURCE) -> Key:
    return Key(source, b"%d.js" % number)


def store(clock: Clock | None = None) -> Store:
    return Store(BUDGET, LIMITS, clock or Clock())


STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 2 * BUDGET), st.integers(0, 3)), max_size=60
)


@given(STEPS)
def test_whatever_comes_the_budget_holds_and_what_is_found_is_what_was_put(
    steps: list[tuple[bool, int, int, int]],
) -> None:
    clock = Clock()
    kept, last = store(clock), dict[Key, bytes]()
    for putting, number, size, seconds in steps:
        clock.now += seconds
        if putting:
            body = bytes([number]) * size
            took = kept.put(key(number), asset(body, lifetime=5.0, stored_at=clock.now))
            assert took == (size + OVERHEAD <= BUDGET)
            if took:
                last[key(number)] = body
        elif (found := kept.get(key(number))) is not None:
            assert found.body == last[key(number)]
            assert found.fresh_at(clock.now)
        assert 0 <= kept.held <= BUDGET
        assert kept.held >= len(kept) * OVERHEAD


def test_what_was_asked_for_last_stays() -> None:
    kept = store()
    for number in range(4):
        kept.put(key(number), asset(b"", stored_at=1000.0))
    assert kept.get(key(0)) is not None
    kept.put(key(4), asset(b"x" * OVERHEAD, stored_at=1000.0))
    assert [kept.get(key(number)) is not None for number in range(5)] == [True, False, True, True, True]


def test_stale_is_gone_and_gives_its_bytes_back() -> None:
    clock = Clock()
    kept = store(clock)
    kept.put(key(1), asset(b"x", lifetime=60.0, age=50.0, stored_at=clock.now))
    clock.now += 9.9
    assert kept.get(key(1)) is not None
    clock.now += 0.1
    assert kept.get(key(1)) is None
    assert (len(kept), kept.held) == (0, 0)


def test_another_generation_has_files_of_its_own() -> None:
    kept = store()
    kept.put(key(1), asset(b"old", stored_at=1000.0))
    assert kept.get(key(1, Source("pool", "next"))) is None
    assert kept.get(key(1, Source("other", "generation"))) is None


def test_refusals_are_remembered_for_a_while_and_not_without_end() -> None:
    clock = Clock()
    kept = store(clock)
    for number in range(4):
        kept.refuse(key(number))
    assert [kept.is_refused(key(number)) for number in range(4)] == [False, True, True, True]
    clock.now += 10.0
    assert not kept.is_refused(key(3))


def test_a_body_longer_than_all_the_room_is_not_even_fetched() -> None:
    assert Store(100, Limits(), Clock()).longest == 100
    assert Store(2**30, Limits(), Clock()).longest == Limits().file
