"""One gateway after another on the same engine, journal and clock, with no sockets and no real time.

town = Town(folder, [PoolSettings()], budget=..., measured=False)
visitor = town.arrives("jupyter", patience=20.0)
town.loop.pass_time(1.0)
town.crash()          # as by SIGKILL: nothing of the life before writes or calls any more
town.begin()          # the next life
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config import WarmgateError
from gateway.assignment import Assigner, Caller
from gateway.limits import Limits
from gateway.operating.recent import Recent
from pool.engines.engine import Address, Status
from pool.errors import EngineTimeout, EngineUnavailable
from pool.session import Session
from tests.support.fake_engine import FakeEngine, FakeInstance, FakeWorld
from tests.support.house import Clock, House, ScriptedKind
from tests.support.kept import Kept
from tests.support.virtual_loop import VirtualLoop

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from config import OnStop, PoolSettings
    from pool.engines.engine import Launch
    from pool.upstream import Upstream

CALL_LIMIT = 15.0
"""Seconds after which an engine's call gives up, as every real one does."""


class Faulty(FakeEngine):
    """An engine whose calls end in time, and whose answers to `start` may get lost on the way.

    `unheard` starts make an instance and then fail; `late` ones fail, and their instance is `on_their_way`.
    """

    def __init__(self, world: FakeWorld, on_their_way: deque[FakeInstance]) -> None:
        super().__init__(world=world)
        self.unheard = 0
        self.late = 0
        self.on_their_way = on_their_way

    async def _call(self, method: str, about: str = "") -> None:
        try:
            async with asyncio.timeout(CALL_LIMIT):
                await super()._call(method, about)
        except TimeoutError:
            raise EngineTimeout(f"{method}: no answer within {CALL_LIMIT:g} s") from None

    async def start(self, launch: Launch) -> Address:
        if self.late:
            self.late -= 1
            await self._call("start", launch.instance_id)
            address = Address("127.0.0.1", next(self.world.ports))
            self.on_their_way.append(FakeInstance(launch, self.gateway_id, address))
            raise EngineTimeout("start: no answer")
        address = await super().start(launch)
        if self.unheard:
            self.unheard -= 1
            raise EngineUnavailable("start: the connection broke")
        return address

    def hanging(self) -> set[str]:
        """Return the methods whose calls wait for a release."""
        return set(self._gates)

    def healthy(self) -> None:
        """From now on everything works."""
        self.down = None
        self._errors.clear()
        self.unheard = self.late = 0
        for method in self.hanging():
            self.release(method)


class WorldKind(ScriptedKind):
    """A server answers while its instance runs."""

    def __init__(self, world: FakeWorld) -> None:
        super().__init__()
        self.world = world

    async def probe(self, http: Any, upstream: Upstream, pool: PoolSettings) -> bool:
        return any(
            instance.address == upstream.address and instance.status is Status.RUNNING
            for instance in self.world.instances.values()
        )


@dataclass(eq=False)
class Visitor:
    """Someone who wants a notebook; what they hold and what they have been told."""

    number: int
    pool: str
    patience: float | None
    life: int
    """In which life of the gateway their ticket was taken."""
    ticket: str = ""
    session: str = ""
    instance: str = ""
    told: str = ""
    """The code of an error they met."""
    gone: bool = False
    seen: float = 0.0
    """When they last showed a sign of life."""
    asking: asyncio.Task[None] | None = None

    @property
    def waits(self) -> bool:
        """Whether they hold a ticket and mean to use it."""
        return bool(self.ticket) and not (self.session or self.told or self.gone)


@dataclass(eq=False)
class Town:
    """Visitors, the engine's world and the gateway that lives now."""

    folder: Path
    pools: list[PoolSettings]
    budget: int
    measured: bool
    clock: Clock = field(default_factory=Clock)
    world: FakeWorld = field(default_factory=FakeWorld)
    visitors: list[Visitor] = field(default_factory=list)
    holders: dict[str, int] = field(default_factory=dict)
    """Who was ever given each instance."""
    wrong: list[str] = field(default_factory=list)
    """What was noticed while something else was being done."""
    on_their_way: deque[FakeInstance] = field(default_factory=deque)
    """What an engine is still making though the caller has given up."""
    lives: int = 0
    host_memory: int = 10**12

    def __post_init__(self) -> None:
        self.loop = VirtualLoop(self.clock)
        self.loop.set_exception_handler(lambda _, context: self.wrong.append(str(context)))
        self._ids = itertools.count(1)
        self.begin()

    def begin(self) -> None:
        """Start a gateway on what is there."""
        self.lives += 1
        house = House(
            self.folder,
            *self.pools,
            budget=self.budget,
            ids=self._ids,
            clock=self.clock,
            kind=WorldKind(self.world),
        )
        self.engine = Faulty(self.world, self.on_their_way)
        self.kept = Kept(house, self.engine, measured=self.measured)
        self.kept.memory = self.host_memory
        self.house = house
        self.assigner = Assigner(
            house.pools,
            house.waiting,
            self.kept.freezer,
            Limits(sessions_per_address=0, spawns_per_minute=0, clock=self.clock),
            on_engine_failure=self.kept.observer.failed,
            recent=Recent([pool.name for pool in self.pools], self.clock),
            metrics=house.metrics,
            clock=self.clock,
        )
        self.running = self.loop.create_task(self.kept.keeper.run(house.replay))

    def crash(self, torn: bytes = b"") -> None:
        """End the gateway as SIGKILL does; `torn` is what it had begun to write."""
        journal = self.folder / "journal.jsonl"
        written = journal.read_bytes()
        self.engine.world = FakeWorld()
        self._end()
        journal.write_bytes(written + torn)

    def stop(self, on_stop: OnStop) -> None:
        """End the gateway as SIGTERM does."""
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            self.loop.run_until_complete(self.running)
        self.loop.run_until_complete(self.kept.keeper.stop(on_stop))
        self._end()

    def _end(self) -> None:
        self.loop.cancel_all()
        self.house.journal.close()

    def disk(self, *, full: bool) -> None:
        """Let nothing more be written to the journal, or let it be written again."""
        journal = self.house.journal
        journal.close()
        if not full:
            journal._descriptor = os.open(journal._path, os.O_WRONLY | os.O_APPEND)

    def appear(self) -> str:
        """Let what the engine was still making be there; return its id."""
        instance = self.on_their_way.popleft()
        self.world.instances[instance.launch.instance_id] = instance
        self.world.ring()
        return instance.launch.instance_id

    async def accepts(self, address: Address) -> bool:
        """Stand in for a connection: something has this address."""
        await asyncio.sleep(0)
        return any(self.world.instances[each].address == address for each in self.world.living())

    def arrives(self, pool: str, patience: float | None) -> Visitor:
        """Somebody asks for a notebook."""
        visitor = Visitor(len(self.visitors), pool, patience, self.lives)
        self.visitors.append(visitor)

        async def arrive() -> None:
            caller = Caller(None, gone=lambda: visitor.gone)
            got = await self.assigner.arrive(pool, caller, patience=patience)
            visitor.seen = self.clock.now
            if isinstance(got, Session):
                self._served(visitor, got)
            else:
                visitor.ticket = got.id

        self._asks(visitor, arrive())
        return visitor

    def polls(self, visitor: Visitor) -> None:
        """Somebody in line asks whether it is their turn."""
        if visitor.asking is not None and not visitor.asking.done():
            return

        async def redeem() -> None:
            before, visitor.seen = visitor.seen, self.clock.now
            try:
                caller = Caller(None, gone=lambda: visitor.gone)
                session = await self.assigner.redeem(visitor.ticket, caller)
                if session is not None:
                    self._served(visitor, session)
                    return
                self.house.waiting.place(visitor.ticket)
            except WarmgateError as error:
                if error.code == "W306" and not self._may_have_lost_place(visitor, before):
                    self.wrong.append(f"visitor {visitor.number} lost their place")
                raise

        self._asks(visitor, redeem())

    def _may_have_lost_place(self, visitor: Visitor, seen: float) -> bool:
        silent = self.clock.now - seen >= (visitor.patience or 0.0)
        return silent or visitor.life != self.lives or self.house.pools.peek(visitor.pool) is None

    def _asks(self, visitor: Visitor, asking: Coroutine[Any, Any, None]) -> None:
        async def answered() -> None:
            try:
                await asking
            except WarmgateError as error:
                visitor.told = error.code
            except asyncio.CancelledError:
                visitor.told = "the gateway ended"
                raise

        visitor.asking = self.loop.create_task(answered(), name=f"visitor-{visitor.number}")

    def _served(self, visitor: Visitor, session: Session) -> None:
        visitor.session, visitor.instance = session.id, session.instance_id
        holder = self.holders.setdefault(session.instance_id, visitor.number)
        if holder != visitor.number:
            self.wrong.append(f"visitors {holder} and {visitor.number} were given the same instance")
