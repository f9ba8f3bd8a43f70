from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config import PoolSettings
from pool.core.states import Reason, State
from pool.errors import PoolUnknown, TicketUnknown, TicketUsed
from pool.waiting import TURN_LIMIT
from tests.support.house import MIB, House

if TYPE_CHECKING:
    from pathlib import Path

    from pool.core.line import Ticket
    from pool.session import Session

PATIENCE = 8.0


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, PoolSettings(max=5), PoolSettings(name="other"))


def lined_up(house: House, count: int, pool: str | None = None) -> list[str]:
    return [house.waiting.take(pool, PATIENCE).id for _ in range(count)]


def entering(house: House, ticket_id: str) -> Ticket:
    ticket = house.waiting.enter(ticket_id)
    assert ticket is not None
    return ticket


def served(house: House, ticket_id: str) -> Session:
    """Let a ticket's holder have the next instance."""
    ticket = entering(house, ticket_id)
    session = house.pools.assign(ticket.pool)
    house.waiting.entered(ticket, session)
    return session


def counted(house: House, outcome: str) -> Any:
    labels = {"pool": "jupyter", "outcome": outcome}
    return house.registry.get_sample_value("warmgate_tickets_total", labels)


def test_a_newcomer_enters_at_once_only_where_there_is_more_than_the_line_is_owed(house: House) -> None:
    assert not house.waiting.admits(None)
    house.warm()
    assert house.waiting.admits(None)
    lined_up(house, 1)
    assert not house.waiting.admits(None)
    house.warm()
    assert house.waiting.admits(None)


def test_those_who_wait_for_another_pool_hold_nobody_up(house: House) -> None:
    house.warm()
    lined_up(house, 3, "other")
    assert house.waiting.admits("jupyter")


def test_as_many_may_enter_as_there_are_instances_in_whatever_order_they_come(house: House) -> None:
    first, second, third = lined_up(house, 3)
    house.warm()
    house.warm()
    assert [house.waiting.place(each).admitted for each in (first, second, third)] == [True, True, False]
    assert house.waiting.enter(third) is None
    served(house, second)
    assert house.waiting.enter(third) is None
    served(house, first)
    assert house.waiting.place(third).position == 1


def test_everybody_is_told_where_they_stand_and_how_long_they_have_waited(house: House) -> None:
    first, second = lined_up(house, 2)
    house.clock.now += 3.0
    place = house.waiting.place(second)
    assert (place.pool, place.position, place.length, place.waited) == ("jupyter", 2, 2, 3.0)
    house.waiting.leave(first)
    place = house.waiting.place(second)
    assert (place.position, place.length) == (1, 1)


def test_asking_keeps_a_place_and_silence_gives_it_up(house: House) -> None:
    left: list[str] = []
    house.waiting.on_departure(lambda ticket: left.append(ticket.id))
    silent, asking = lined_up(house, 2)
    house.clock.now += PATIENCE / 2
    house.waiting.place(asking)
    house.clock.now += PATIENCE / 2
    house.waiting.turn()
    assert left == [silent]
    assert counted(house, "left") == 1
    assert house.waiting.place(asking).position == 1
    with pytest.raises(TicketUnknown):
        house.waiting.place(silent)


def test_an_open_stream_keeps_a_place_and_its_end_begins_the_patience(house: House) -> None:
    (ticket,) = lined_up(house, 1)
    with house.waiting.watched(ticket):
        assert house.waiting.watchers(ticket) == 1
        house.clock.now += 1000.0
        house.waiting.turn()
    house.clock.now += PATIENCE - 1
    house.waiting.turn()
    assert house.waiting.watchers(ticket) == 0
    house.clock.now += 1
    house.waiting.turn()
    with pytest.raises(TicketUnknown):
        house.waiting.watchers(ticket)


def test_a_stream_may_outlive_its_ticket(house: House) -> None:
    (ticket,) = lined_up(house, 1)
    house.warm()
    with house.waiting.watched(ticket):
        served(house, ticket)
    assert len(house.line) == 0


def test_whoever_takes_or_gives_up_a_place_lets_the_plan_look_again(house: House) -> None:
    looked: list[int] = []
    house.on_change = lambda: looked.append(len(house.line))
    (ticket,) = lined_up(house, 1)
    house.waiting.leave(ticket)
    assert looked == [1, 0]


def test_a_place_is_given_up_once_and_not_while_its_holder_is_being_given_an_instance(house: House) -> None:
    (ticket,) = lined_up(house, 1)
    house.warm()
    inside = entering(house, ticket)
    assert not house.waiting.leave(ticket)
    house.waiting.back(inside)
    assert house.waiting.leave(ticket)
    assert not house.waiting.leave(ticket)


def test_a_used_ticket_leads_to_its_session_until_its_visitor_has_come(house: House) -> None:
    (ticket,) = lined_up(house, 1)
    house.warm()
    session = served(house, ticket)
    assert counted(house, "served") == 1
    assert house.waiting.led_to(ticket) is session
    session.claim()
    assert house.waiting.led_to(ticket) is None
    with pytest.raises(TicketUsed):
        house.waiting.enter(ticket)


def test_a_used_ticket_leads_nowhere_once_its_session_is_over(house: House) -> None:
    (ticket,) = lined_up(house, 1)
    house.warm()
    session = served(house, ticket)
    house.pools.end(session.instance_id, Reason.IDLE)
    assert house.waiting.led_to(ticket) is None
    with pytest.raises(TicketUsed):
        house.waiting.place(ticket)


def test_a_ticket_nobody_knows_is_told_as_that_whatever_is_asked(house: House) -> None:
    assert house.waiting.led_to("nosuch") is None
    assert not house.waiting.leave("nosuch")
    for ask in (house.waiting.place, house.waiting.enter, house.waiting.watchers):
        with pytest.raises(TicketUnknown):
            ask("nosuch")
    with pytest.raises(TicketUnknown), house.waiting.watched("nosuch"):
        pass


def test_nobody_lines_up_for_a_pool_that_is_not_there(house: House) -> None:
    with pytest.raises(PoolUnknown):
        house.waiting.take("nosuch", PATIENCE)


def test_who_returns_from_a_dead_instance_stands_where_they_stood(house: House) -> None:
    first, second = lined_up(house, 2)
    dead = house.warm()
    inside = entering(house, first)
    house.pools.end(dead.id, Reason.DIED)
    house.waiting.back(inside)
    assert [house.waiting.place(each).position for each in (first, second)] == [1, 2]


def test_who_stands_behind_one_who_returns_is_still_told_how_long_it_takes(house: House) -> None:
    first, second = lined_up(house, 2)
    house.warm()
    inside = entering(house, first)
    assert house.waiting.place(second).position == 1
    house.waiting.back(inside)
    place = house.waiting.place(second)
    assert place.position == 2
    assert place.estimate is not None


def test_a_ticket_has_moved_when_its_holder_would_be_told_something_new(house: House) -> None:
    first, second = lined_up(house, 2)
    place = house.waiting.place(second)
    assert not house.waiting.has_moved(second, place)
    house.waiting.leave(first)
    assert house.waiting.has_moved(second, place)
    place = house.waiting.place(second)
    house.warm()
    assert house.waiting.has_moved(second, place)
    served(house, second)
    assert house.waiting.has_moved(second, place)


def test_an_instance_whose_growth_has_no_room_yet_admits_nobody_and_is_being_made_room_for(
    tmp_path: Path,
) -> None:
    house = House(tmp_path, PoolSettings(memory=512 * MIB), budget=1000 * MIB)
    ready = house.warm()
    house.roster.recharge(ready.id, 100 * MIB)
    assert house.waiting.admits(None)
    visitor = house.warm()
    house.pools.hand_over(visitor)
    assert not house.waiting.admits(None)
    assert house.waiting.room_is_being_made(None)
    lined_up(house, 1)
    assert not house.waiting.room_is_being_made(None)


def test_what_is_paused_admits_nobody_while_no_engine_answers(house: House) -> None:
    ready = house.warm()
    house.roster.step(ready.id, State.PAUSED, house.clock.now)
    assert house.waiting.admits(None)
    house.roster.thawable = False
    assert not house.waiting.admits(None)


def test_the_estimate_follows_from_what_the_pool_has_shown(house: House) -> None:
    pool = house.pools.get(None)
    house.warm()
    house.pools.assign()
    (ticket,) = lined_up(house, 1)
    for _ in range(15):
        pool.started(6.0)
    # There is room for more: a start takes as long as starts do.
    assert house.waiting.place(ticket).estimate == 6.0
    starting = pool.new_instance(house.identities.new_instance_id(), house.clock.now)
    house.roster.begin(starting)
    house.clock.now += 2.0
    house.waiting.turn()
    assert house.waiting.place(ticket).estimate == 4.0


def test_who_waits_for_a_session_to_end_is_told_nothing_before_one_ever_has(tmp_path: Path) -> None:
    house = House(tmp_path, PoolSettings(max=1))
    house.warm()
    house.pools.assign()
    (ticket,) = lined_up(house, 1)
    assert house.waiting.place(ticket).estimate is None
    house.pools.get(None).sessions.took(60.0)
    house.waiting.turn()
    estimate = house.waiting.place(ticket).estimate
    assert estimate is not None
    assert estimate > 60.0


async def test_everybody_looks_again_at_each_turn_and_at_the_end(house: House) -> None:
    for ring in (house.waiting.turn, house.waiting.close):
        before = house.waiting.bell._next
        ring()
        assert before.is_set()
    assert house.waiting.closed


def test_who_does_not_take_their_turn_makes_room_though_they_are_there(house: House) -> None:
    ghost, patient = lined_up(house, 2)
    house.warm()
    with house.waiting.watched(ghost), house.waiting.watched(patient):
        house.waiting.turn()
        house.clock.now += TURN_LIMIT - 1
        house.waiting.turn()
        assert not house.waiting.place(patient).admitted
        house.clock.now += 1
        house.waiting.turn()
        assert house.waiting.place(patient).admitted
    with pytest.raises(TicketUnknown):
        house.waiting.place(ghost)


def test_a_turn_that_passed_because_the_instance_died_counts_anew(house: House) -> None:
    (ticket,) = lined_up(house, 1)
    instance = house.warm()
    with house.waiting.watched(ticket):
        house.waiting.turn()
        house.clock.now += TURN_LIMIT - 1
        house.pools.end(instance.id, Reason.DIED)
        house.waiting.turn()
        house.warm()
        house.clock.now += 2
        house.waiting.turn()
        assert house.waiting.place(ticket).admitted
