from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.core.line import Line

PATIENCE = 8.0


def line_of(*names: str, places: int = 100) -> Line:
    """Return a line in which these stand, taken a second apart from the moment 0 on."""
    line = Line(places)
    for at, name in enumerate(names):
        line.take(name, "jupyter", float(at), PATIENCE)
    return line


def places(line: Line) -> dict[str, int]:
    return {ticket.id: line.position(ticket) for ticket in line}


def test_who_comes_first_stands_first() -> None:
    assert places(line_of("a", "b", "c")) == {"a": 1, "b": 2, "c": 3}


def test_each_pool_has_its_own_order() -> None:
    line = line_of("a", "b")
    line.take("c", "other", 2.0, PATIENCE)
    assert places(line) == {"a": 1, "b": 2, "c": 1}
    assert (line.waiting("jupyter"), line.waiting("other"), line.waiting("third")) == (2, 1, 0)


def test_who_leaves_lets_the_others_move_up() -> None:
    line = line_of("a", "b", "c")
    assert line.leave("a") is not None
    assert places(line) == {"b": 1, "c": 2}
    assert line.leave("a") is None


def test_who_is_entering_has_no_place_and_holds_nobody_up() -> None:
    line = line_of("a", "b")
    assert line.enter("a") is not None
    assert places(line) == {"a": 0, "b": 1}
    assert line.waiting("jupyter") == 1


def test_those_ahead_are_the_ones_who_came_before_and_still_stand_in_line() -> None:
    line = line_of("a", "b", "c", "d")
    line.take("e", "other", 4.0, PATIENCE)
    entering = line.enter("c")
    assert entering is not None
    assert line.ahead(entering) == 2
    line.enter("a")
    assert line.ahead(entering) == 1
    line.leave("b")
    assert line.ahead(entering) == 0


def test_nobody_enters_twice_at_once_nor_without_a_place() -> None:
    line = line_of("a")
    line.enter("a")
    assert line.enter("a") is None
    assert line.enter("nosuch") is None


def test_who_comes_back_stands_where_they_stood_whatever_came_meanwhile() -> None:
    line = line_of("a", "b", "c")
    line.enter("b")
    line.take("d", "jupyter", 9.0, PATIENCE)
    line.back("b", 9.0)
    assert places(line) == {"a": 1, "b": 2, "c": 3, "d": 4}


def test_who_left_while_entering_does_not_come_back() -> None:
    line = line_of("a")
    line.enter("a")
    line.leave("a")
    line.back("a", 1.0)
    assert len(line) == 0


@pytest.mark.parametrize(("places", "full"), [(1, True), (2, True), (3, False)])
def test_the_places_of_all_pools_together_are_bounded_and_one_who_enters_still_has_theirs(
    places: int, *, full: bool
) -> None:
    line = line_of("a", places=places)
    line.take("b", "other", 1.0, PATIENCE)
    line.enter("b")
    assert line.full is full


def test_who_shows_no_sign_of_life_for_their_patience_has_left() -> None:
    line = line_of("a", "b")
    assert line.absent(7.9) == []
    assert [ticket.id for ticket in line.absent(8.0)] == ["a"]
    line.see("a", 8.0)
    assert [ticket.id for ticket in line.absent(9.0)] == ["b"]


def test_who_watches_is_there_for_as_long_as_one_stream_is_open() -> None:
    line = line_of("a")
    line.watch("a", 0.0, 1)
    line.watch("a", 0.0, 1)
    line.watch("a", 100.0, -1)
    assert line.absent(1000.0) == []
    line.watch("a", 1000.0, -1)
    assert line.absent(1000.0 + PATIENCE - 0.1) == []
    assert line.absent(1000.0 + PATIENCE) != []


def test_a_line_has_stood_since_the_first_in_it_came() -> None:
    line = Line(places=9)
    assert line.since("app") == math.inf
    line.take("a", "app", 1.0, patience=8.0)
    line.take("b", "app", 2.0, patience=8.0)
    assert line.since("app") == 1.0
    line.leave("a")
    assert line.since("app") == 2.0


def test_who_is_being_given_an_instance_is_there_and_may_start_over_when_it_fails() -> None:
    line = line_of("a")
    line.enter("a")
    assert line.absent(1000.0) == []
    line.back("a", 1000.0)
    assert line.absent(1000.0) == []


@pytest.mark.parametrize("change", ["see", "watch", "back"])
def test_signs_of_life_of_tickets_nobody_knows_are_left_alone(change: str) -> None:
    line = line_of("a")
    before = list(line)
    {
        "see": lambda: line.see("nosuch", 1.0),
        "watch": lambda: line.watch("nosuch", 1.0, 1),
        "back": lambda: line.back("nosuch", 1.0),
    }[change]()
    assert list(line) == before


steps = st.lists(
    st.tuples(st.sampled_from(["take", "enter", "back", "leave", "see", "watch"]), st.integers(0, 7)),
    max_size=60,
)


@given(steps)
def test_whatever_happens_places_count_from_one_in_the_order_of_arrival(story: list[tuple[str, int]]) -> None:
    line = Line(1000)
    entering: dict[str, bool] = {}
    pools: dict[str, str] = {}
    for at, (step, which) in enumerate(story):
        now = float(at)
        there = list(entering)
        name = there[which % len(there)] if there else "nosuch"
        match step:
            case "take":
                pools[str(at)] = f"p{which % 2}"
                line.take(str(at), pools[str(at)], now, PATIENCE)
                entering[str(at)] = False
            case "enter":
                assert (line.enter(name) is not None) == (entering.get(name) is False)
                if name in entering:
                    entering[name] = True
            case "back":
                line.back(name, now)
                if name in entering:
                    entering[name] = False
            case "leave":
                assert (line.leave(name) is not None) == (entering.pop(name, None) is not None)
            case "see":
                line.see(name, now)
            case _:
                line.watch(name, now, 1)
        for pool in ("p0", "p1"):
            order = [n for n, inside in entering.items() if pools[n] == pool and not inside]
            found = {n: place for n, place in places(line).items() if pools[n] == pool and place}
            assert sorted(found, key=lambda n: found[n]) == order
            assert sorted(found.values()) == list(range(1, len(order) + 1))
            assert line.waiting(pool) == len(order)
