"""Who gets which instance, and when: the line is owed what it waits for, and what is handed out runs.

The socket of an instance's server is a set of addresses here; integration tests have real ones.
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

from config import PoolSettings
from gateway import assignment
from gateway.assignment import ROOM_LIMIT, TRIES, Assigner, Caller
from gateway.errors import Disconnected, SessionsLimited, SpawnsLimited, TicketsFull
from gateway.limits import Limits
from gateway.operating.recent import Recent
from pool.core.line import Ticket
from pool.core.states import Reason, State
from pool.engines.engine import Status
from pool.errors import (
    EngineError,
    EngineUnavailable,
    JournalUnwritable,
    PoolEmpty,
    PoolUnknown,
    TicketUnknown,
    TicketUsed,
)
from pool.freezer import Freezer
from pool.session import Session
from tests.support.fake_engine import FakeEngine, FakeInstance
from tests.support.house import MIB, House

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from pool.core.instance import Instance
    from pool.engines.engine import Address

PATIENCE = 8.0
STAYS = Caller(None, gone=lambda: False)
LEAVES = Caller(None, gone=lambda: True)
STRANGER = Caller(ip_address("203.0.113.7"), gone=lambda: False)


class Desk:
    """An assigner, what it works with, and an engine in memory on which all instances run."""

    def __init__(self, house: House, *, sessions: int = 0, spawns: int = 0) -> None:
        self.house = house
        self.engine = FakeEngine()
        self.freezer = Freezer(self.engine, house.roster, house.clock)
        self.dead: set[Address] = set()
        self.gate: asyncio.Event | None = None
        self.failures: list[EngineError] = []
        self.recent = Recent(["jupyter"], house.clock)
        self.assigner = Assigner(
            house.pools,
            house.waiting,
            self.freezer,
            Limits(sessions_per_address=sessions, spawns_per_minute=spawns, clock=house.clock),
            on_engine_failure=self.failed,
            recent=self.recent,
            metrics=house.metrics,
            clock=house.clock,
        )

    def failed(self, error: EngineError) -> None:
        """Take note of it as the observer does."""
        self.failures.append(error)
        self.house.roster.thawable = False

    async def accepts(self, address: Address) -> bool:
        if self.gate is not None:
            await self.gate.wait()
        return address not in self.dead

    def warm(self, *, dead: bool = False) -> Instance:
        instance = self.house.warm()
        pool = self.house.pools.get(instance.pool)
        launch = pool.launch(pool.tag(instance, "test", "", ""), self.house.identities)
        upstream = self.house.pools.upstream(instance.id)
        assert upstream is not None
        address = upstream[1].address
        self.engine.world.instances[instance.id] = FakeInstance(launch, "test", address)
        if dead:
            self.dead.add(address)
        return instance

    async def paused(self) -> Instance:
        instance = self.warm()
        await self.freezer.freeze(instance.id)
        return instance

    def now(self, instance: Instance) -> Instance:
        found = self.house.roster.get(instance.id)
        assert found is not None
        return found

    def runs(self, instance_id: str) -> bool:
        return self.engine.world.instances[instance_id].status is Status.RUNNING

    async def session(self, caller: Caller = STAYS) -> Session:
        got = await self.assigner.arrive(None, caller, patience=None)
        assert isinstance(got, Session)
        return got

    async def ticket(self) -> str:
        got = await self.assigner.arrive(None, STAYS, patience=PATIENCE)
        assert isinstance(got, Ticket)
        return got.id

    async def redeem(self, ticket_id: str) -> Session | None:
        return await self.assigner.redeem(ticket_id, STAYS)

    def counted(self, name: str) -> float | None:
        return self.house.registry.get_sample_value(f"warmgate_pool_{name}_total", {"pool": "jupyter"})


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def desk(house: House, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(house)
    monkeypatch.setattr(assignment, "accepts", desk.accepts)
    return desk


async def begun(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start something and let it come as far as it gets."""
    task = asyncio.get_running_loop().create_task(work)
    for _ in range(10):
        await asyncio.sleep(0)
    return task


async def test_who_comes_to_a_pool_with_a_warm_instance_has_it_at_once(desk: Desk) -> None:
    instance = desk.warm()
    assert (await desk.session()).instance_id == instance.id
    assert desk.engine.calls == []
    assert (desk.counted("hits"), desk.counted("misses")) == (1, 0)


async def test_a_pool_that_is_not_there_is_told(desk: Desk) -> None:
    with pytest.raises(PoolUnknown):
        await desk.assigner.arrive("nosuch", STAYS, patience=None)


async def test_a_paused_instance_runs_before_it_is_anybodys(desk: Desk) -> None:
    instance = await desk.paused()
    desk.engine.hang("unpause")
    coming = await begun(desk.session())
    assert desk.now(instance).state is State.PAUSED
    assert desk.house.pools.sessions == ()
    desk.engine.release("unpause")
    assert (await coming).instance_id == instance.id
    assert desk.runs(instance.id)


async def test_one_that_is_being_paused_runs_again_before_it_is_anybodys(desk: Desk) -> None:
    instance = desk.warm()
    desk.engine.hang("pause")
    freezing = await begun(desk.freezer.freeze(instance.id))
    coming = await begun(desk.session())
    desk.engine.release("pause")
    await freezing
    assert (await coming).instance_id == instance.id
    assert desk.runs(instance.id)


async def test_what_is_being_thawed_for_one_visitor_is_not_given_to_another(desk: Desk) -> None:
    instance = await desk.paused()
    desk.engine.hang("unpause")
    first = await begun(desk.session())
    second = await begun(desk.session())
    desk.engine.release("unpause")
    assert (await first).instance_id == instance.id
    with pytest.raises(PoolEmpty):
        await second


async def test_when_an_unpause_fails_the_visitor_gets_the_next_one(desk: Desk) -> None:
    broken, fine = await desk.paused(), await desk.paused()
    desk.engine.fail("unpause", EngineError("no"))
    assert (await desk.session()).instance_id == fine.id
    assert (desk.now(broken).state, desk.now(broken).reason) == (State.DRAINING, Reason.DIED)


async def test_while_no_engine_answers_what_is_paused_is_kept_and_the_visitor_is_told(desk: Desk) -> None:
    instance = await desk.paused()
    desk.engine.down = EngineUnavailable("gone")
    with pytest.raises(PoolEmpty):
        await desk.session()
    assert desk.now(instance).state is State.PAUSED
    assert [error.detail for error in desk.failures] == ["gone"]
    desk.engine.down = None
    desk.house.roster.thawable = True
    assert (await desk.session()).instance_id == instance.id


async def test_an_unpause_that_hangs_is_given_up_and_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "THAW_LIMIT", 0.0)
    instance = await desk.paused()
    desk.engine.hang("unpause")
    with pytest.raises(PoolEmpty):
        await desk.session()
    assert desk.now(instance).state is State.PAUSED
    assert [error.code for error in desk.failures] == ["W202"]


async def test_two_who_wait_for_their_unpause_do_not_count_on_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(House(tmp_path, PoolSettings(memory=512 * MIB), budget=1300 * MIB))
    monkeypatch.setattr(assignment, "accepts", desk.accepts)
    for _ in range(2):
        instance = await desk.paused()
        desk.house.roster.recharge(instance.id, 200 * MIB)
    desk.house.pools.hand_over(desk.warm())
    desk.engine.hang("unpause")
    comings = [await begun(desk.assigner.arrive(None, STAYS, patience=PATIENCE)) for _ in range(2)]
    desk.engine.release("unpause")
    await comings[0]
    await begun(asyncio.sleep(0))
    desk.house.clock.now += ROOM_LIMIT
    desk.house.waiting.turn()
    first, second = await asyncio.gather(*comings)
    assert isinstance(first, Session)
    assert isinstance(second, Ticket)
    assert desk.house.roster.charged <= desk.house.roster.budget


@pytest.mark.parametrize("dead", [1, TRIES, TRIES + 1])
async def test_dead_instances_are_ended_and_skipped_however_many(desk: Desk, dead: int) -> None:
    there = [desk.warm(dead=True) for _ in range(dead)]
    living = desk.warm()
    assert (await desk.session()).instance_id == living.id
    assert {desk.now(each).reason for each in there} == {Reason.DIED}


async def test_when_all_are_dead_the_visitor_is_told_that_there_is_none(desk: Desk) -> None:
    for _ in range(TRIES):
        desk.warm(dead=True)
    with pytest.raises(PoolEmpty):
        await desk.session()


async def test_who_does_not_want_to_wait_is_told_to_come_again_and_something_starts_for_them(
    desk: Desk,
) -> None:
    with pytest.raises(PoolEmpty):
        await desk.session()
    pool = desk.house.pools.get(None)
    assert pool.refused_at == desk.house.clock.now
    assert len(desk.house.line) == 0
    assert (desk.counted("hits"), desk.counted("misses")) == (0, 1)


async def test_who_finds_nothing_stands_in_line_and_redeems_the_ticket_once_it_is_their_turn(
    desk: Desk,
) -> None:
    ticket = await desk.ticket()
    assert await desk.redeem(ticket) is None
    instance = desk.warm()
    session = await desk.redeem(ticket)
    assert session is not None
    assert session.instance_id == instance.id
    assert len(desk.house.line) == 0


async def test_a_ticket_asked_for_twice_leads_to_one_session_until_its_visitor_has_come(desk: Desk) -> None:
    ticket = await desk.ticket()
    desk.warm()
    spare = desk.warm()
    session = await desk.redeem(ticket)
    assert session is not None
    assert await desk.redeem(ticket) is session
    session.claim()
    with pytest.raises(TicketUsed) as error:
        await desk.redeem(ticket)
    assert error.value.code == "W307"
    assert desk.now(spare).state is State.WARM


async def test_a_ticket_redeemed_twice_at_the_same_time_takes_one_instance(desk: Desk) -> None:
    ticket = await desk.ticket()
    desk.warm()
    spare = desk.warm()
    desk.gate = asyncio.Event()
    first, second = await begun(desk.redeem(ticket)), await begun(desk.redeem(ticket))
    desk.gate.set()
    assert await first is not None
    assert await second is None
    assert desk.now(spare).state is State.WARM


async def test_a_ticket_nobody_knows_leads_nowhere(desk: Desk) -> None:
    desk.warm()
    with pytest.raises(TicketUnknown):
        await desk.redeem("nosuch")


async def test_a_ticket_goes_back_to_its_place_when_its_instance_was_dead(desk: Desk) -> None:
    first, second = await desk.ticket(), await desk.ticket()
    desk.warm(dead=True)
    assert await desk.redeem(first) is None
    assert desk.house.waiting.place(first).position == 1
    instance = desk.warm()
    assert await desk.redeem(second) is None
    session = await desk.redeem(first)
    assert session is not None
    assert session.instance_id == instance.id


@pytest.mark.parametrize("how", ["cancelled", "left", "journal"])
async def test_a_ticket_goes_back_to_its_place_however_entering_failed(desk: Desk, how: str) -> None:
    ticket = await desk.ticket()
    desk.warm()
    expected: type[BaseException]
    if how == "cancelled":
        desk.gate = asyncio.Event()
        entering = await begun(desk.redeem(ticket))
        entering.cancel()
        expected = asyncio.CancelledError
    elif how == "left":
        entering = await begun(desk.assigner.redeem(ticket, LEAVES))
        expected = Disconnected
    else:
        desk.house.journal.close()
        entering = await begun(desk.redeem(ticket))
        expected = JournalUnwritable
    with pytest.raises(expected):
        await entering
    assert desk.house.waiting.place(ticket).position == 1
    assert desk.house.pools.sessions == ()


async def test_a_newcomer_does_not_get_what_the_line_is_owed(desk: Desk) -> None:
    ticket = await desk.ticket()
    owed = desk.warm()
    with pytest.raises(PoolEmpty):
        await desk.session()
    assert isinstance(await desk.assigner.arrive(None, STAYS, patience=PATIENCE), Ticket)
    session = await desk.redeem(ticket)
    assert session is not None
    assert session.instance_id == owed.id


async def test_a_newcomer_whose_instance_is_dead_does_not_get_what_the_line_is_owed(desk: Desk) -> None:
    ticket = await desk.ticket()
    desk.warm(dead=True)
    owed = desk.warm()
    newcomer = await desk.assigner.arrive(None, STAYS, patience=PATIENCE)
    assert isinstance(newcomer, Ticket)
    session = await desk.redeem(ticket)
    assert session is not None
    assert session.instance_id == owed.id


async def test_one_in_line_whose_instance_is_dead_does_not_get_what_those_before_them_are_owed(
    desk: Desk,
) -> None:
    first, second = await desk.ticket(), await desk.ticket()
    desk.warm(dead=True)
    owed = desk.warm()
    assert await desk.redeem(second) is None
    session = await desk.redeem(first)
    assert session is not None
    assert session.instance_id == owed.id


class Crowded(Desk):
    """A pool whose one ready instance has no room to grow until another's memory is free."""

    def __init__(self, folder: Path) -> None:
        super().__init__(House(folder, PoolSettings(memory=512 * MIB), budget=1000 * MIB))
        self.ready = self.warm()
        self.house.roster.recharge(self.ready.id, 100 * MIB)
        self.leaving = self.warm()
        self.house.pools.end(self.leaving.id, Reason.EVICTED)

    def make_room(self) -> None:
        self.house.pools.forget(self.leaving.id)
        self.house.waiting.turn()


@pytest.fixture
def crowded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crowded:
    crowded = Crowded(tmp_path)
    monkeypatch.setattr(assignment, "accepts", crowded.accepts)
    return crowded


@pytest.mark.parametrize("patience", [None, PATIENCE])
async def test_room_that_is_being_made_is_waited_for(crowded: Crowded, patience: float | None) -> None:
    coming = await begun(crowded.assigner.arrive(None, STAYS, patience=patience))
    assert not coming.done()
    crowded.make_room()
    session = await coming
    assert isinstance(session, Session)
    assert session.instance_id == crowded.ready.id
    assert len(crowded.house.line) == 0


@pytest.mark.parametrize("patience", [None, PATIENCE])
async def test_room_is_waited_for_no_longer_than_its_limit(crowded: Crowded, patience: float | None) -> None:
    coming = await begun(crowded.assigner.arrive(None, STAYS, patience=patience))
    crowded.house.clock.now += ROOM_LIMIT
    crowded.house.waiting.turn()
    if patience is None:
        with pytest.raises(PoolEmpty):
            await coming
        assert len(crowded.house.line) == 0
    else:
        ticket = await coming
        assert crowded.house.waiting.place(ticket.id).position == 1


async def test_who_is_cancelled_while_room_is_being_made_holds_no_place(crowded: Crowded) -> None:
    coming = await begun(crowded.assigner.arrive(None, STAYS, patience=PATIENCE))
    coming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await coming
    assert len(crowded.house.line) == 0


async def test_who_left_while_room_is_being_made_takes_no_instance(crowded: Crowded) -> None:
    left = False
    coming = await begun(crowded.assigner.arrive(None, Caller(None, gone=lambda: left), patience=None))
    left = True
    crowded.make_room()
    with pytest.raises(PoolEmpty):
        await coming
    assert crowded.now(crowded.ready).state is State.WARM


async def test_all_places_in_line_can_be_taken(desk: Desk) -> None:
    desk.house.line.places = 1
    await desk.ticket()
    with pytest.raises(TicketsFull):
        await desk.ticket()


async def test_a_place_in_line_and_the_session_it_becomes_count_as_one_for_its_address(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(house, sessions=1)
    monkeypatch.setattr(assignment, "accepts", desk.accepts)
    ticket = await desk.assigner.arrive(None, STRANGER, patience=PATIENCE)
    assert isinstance(ticket, Ticket)
    with pytest.raises(SessionsLimited):
        await desk.assigner.arrive(None, STRANGER, patience=PATIENCE)
    desk.warm()
    session = await desk.assigner.redeem(ticket.id, STRANGER)
    assert session is not None
    with pytest.raises(SessionsLimited):
        await desk.assigner.arrive(None, STRANGER, patience=PATIENCE)
    house.pools.end(session.instance_id, Reason.IDLE)
    again = await desk.assigner.arrive(None, STRANGER, patience=PATIENCE)
    assert isinstance(again, Ticket)
    house.waiting.leave(again.id)
    assert isinstance(await desk.assigner.arrive(None, STRANGER, patience=PATIENCE), Ticket)


async def test_a_session_that_ended_while_its_server_was_looked_at_is_skipped_and_holds_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(house, sessions=1)
    monkeypatch.setattr(assignment, "accepts", desk.accepts)
    ended, living = desk.warm(), desk.warm()
    desk.gate = asyncio.Event()
    visit = await begun(desk.assigner.arrive(None, STRANGER, patience=None))
    house.pools.end(ended.id, Reason.DIED)
    desk.gate.set()
    session = await visit
    assert isinstance(session, Session)
    assert session.instance_id == living.id
    house.pools.end(living.id, Reason.IDLE)
    assert isinstance(await desk.assigner.arrive(None, STRANGER, patience=PATIENCE), Ticket)


async def test_a_refused_wish_counts_towards_its_addresses_minute_and_holds_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(house, sessions=1, spawns=2)
    monkeypatch.setattr(assignment, "accepts", desk.accepts)
    for _ in range(2):
        with pytest.raises(PoolEmpty):
            await desk.assigner.arrive(None, STRANGER, patience=None)
    with pytest.raises(SpawnsLimited):
        await desk.assigner.arrive(None, STRANGER, patience=None)
