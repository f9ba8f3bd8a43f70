"""From a visitor's wish to a session whose server surely answers, or to a place in line."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from cachetools import TTLCache

from gateway.errors import Disconnected, TicketsFull
from pool.core.states import READY, Reason
from pool.errors import EngineError, EngineTimeout, EngineUnavailable, PoolEmpty
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.limits import Limits
    from gateway.operating.recent import Recent
    from gateway.proxy.visitor import Address as VisitorAddress
    from pool.core.instance import Instance
    from pool.core.line import Ticket
    from pool.engines.engine import Address
    from pool.freezer import Freezer
    from pool.metrics import PoolMetrics
    from pool.pool import Pool
    from pool.pools import Pools
    from pool.session import Session
    from pool.waiting import Waiting

log = structlog.stdlib.get_logger(__name__)

CHECK_LIMIT = 1.0
"""Seconds a server's socket may take to accept. The kernel does that, however busy the server is."""

THAW_LIMIT = 3.0
"""Seconds an unpause may take, which is a matter of 20 ms: after that the engine is taken to hang."""

ROOM_LIMIT = 3.0
"""Seconds a request is held while idle instances make room for its own, which is ready."""

REFUSED_ONCE = 60.0
"""Seconds in which one address that is sent away again and again counts as one visitor."""

ADDRESSES = 4096
"""Addresses remembered for that."""

TRIES = 5
"""Dead instances a visitor is spared before they are told that there is none."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for a notebook."""

    address: VisitorAddress | None
    """Theirs, seen through trusted proxies; None when it cannot be told."""
    gone: Callable[[], bool]
    """Whether they have left meanwhile: then nobody will ever use the instance."""


class Assigner:
    """Assigns without asking the engine, but for an unpause, and checks by a bare connection that somebody
    listens.
    """

    def __init__(
        self,
        pools: Pools,
        waiting: Waiting,
        freezer: Freezer,
        limits: Limits,
        *,
        on_engine_failure: Callable[[EngineError], None],
        recent: Recent,
        metrics: PoolMetrics,
        clock: Callable[[], float],
    ) -> None:
        self._pools = pools
        self._waiting = waiting
        self._freezer = freezer
        self._limits = limits
        self._roster = pools.roster
        self._on_engine_failure = on_engine_failure
        self._recent = recent
        self._metrics = metrics
        self._clock = clock
        self._arrivals = itertools.count(1)
        self._refused: TTLCache[tuple[str, str], None] = TTLCache(ADDRESSES, REFUSED_ONCE, timer=clock)
        pools.listen(lambda session, _: limits.release(session.id))
        waiting.on_departure(lambda ticket: limits.release(ticket.id))

    async def arrive(self, name: str | None, caller: Caller, *, patience: float | None) -> Session | Ticket:
        """Return a session, or where there is none right now a place in line, held for `patience` seconds
        without a sign of life.

        Raises PoolUnknown, SpawnsLimited, SessionsLimited, TicketsFull, JournalUnwritable; and PoolEmpty
        where `patience` is None: who does not want to wait is told to come again.
        """
        pool = self._pools.get(name)
        self._limits.spawn(caller.address)
        arrival = f"arrival {next(self._arrivals)}"
        self._limits.hold(caller.address, arrival)
        try:
            self._recent.arrived(pool.name)
            if self._waiting.admits(name) and (session := await self._at_once(pool.name, arrival, caller)):
                pool.arrived(self._clock())
                return session
            self._metrics.misses.labels(pool.name).inc()
            got = await self._line_up(pool.name, arrival, caller, patience)
            pool.arrived(self._clock())
        except (PoolEmpty, TicketsFull) as error:
            self._recent.refused(pool.name, error.code)
            self._count_refused(pool, caller)
            raise
        else:
            return got
        finally:
            self._limits.release(arrival)

    def _count_refused(self, pool: Pool, caller: Caller) -> None:
        """Let one who is sent away be an arrival for the pool's sizing, but not again each time they come
        back: a program that asks without end would drive the pool to its `max`.
        """
        who = pool.name, str(caller.address)
        if who not in self._refused:
            self._refused[who] = None
            pool.arrived(self._clock())

    async def redeem(self, ticket_id: str, caller: Caller) -> Session | None:
        """Return the session a ticket entitles to, or None while it is not its turn.

        Until the visitor has come to it, the same is returned again. Raises TicketUnknown, TicketUsed,
        JournalUnwritable.
        """
        if (session := self._waiting.led_to(ticket_id)) is not None:
            return session
        ticket = self._waiting.enter(ticket_id)
        if ticket is None:
            return None
        try:
            session = await self._obtain(ticket.pool, caller, lambda: self._waiting.may_go_on(ticket))
        except PoolEmpty:
            self._waiting.back(ticket)
            return None
        except BaseException:
            self._waiting.back(ticket)
            raise
        self._waiting.entered(ticket, session)
        self._limits.move(ticket.id, session.id)
        self._count(ticket.pool, self._clock() - ticket.taken_at, hit=False)
        return session

    async def _at_once(self, name: str, arrival: str, caller: Caller) -> Session | None:
        began = self._clock()
        try:
            session = await self._obtain(name, caller, lambda: self._waiting.admits(name))
        except PoolEmpty:
            return None  # All that seemed ready was dead.
        self._limits.move(arrival, session.id)
        self._metrics.hits.labels(name).inc()
        self._count(name, self._clock() - began, hit=True)
        return session

    def _count(self, name: str, waited: float, *, hit: bool) -> None:
        self._metrics.wait.labels(name).observe(waited)
        self._recent.served(name, waited, hit)

    async def _line_up(
        self, name: str, arrival: str, caller: Caller, patience: float | None
    ) -> Session | Ticket:
        being_made = self._waiting.room_is_being_made(name)
        if patience is None and not being_made:
            self._pools.refuse(name)
            raise PoolEmpty(name)
        if self._waiting.line.full:
            raise TicketsFull(f"{len(self._waiting.line)} tickets")
        ticket = self._waiting.take(name, ROOM_LIMIT if patience is None else patience)
        self._limits.move(arrival, ticket.id)
        try:
            if being_made and (session := await self._soon(ticket, caller)) is not None:
                return session
        except BaseException:
            self._waiting.leave(ticket.id)
            raise
        if patience is not None:
            return ticket
        self._waiting.leave(ticket.id)
        self._pools.refuse(name)
        raise PoolEmpty(name)

    async def _soon(self, ticket: Ticket, caller: Caller) -> Session | None:
        """Return the ticket's session if it comes within ROOM_LIMIT."""
        until = self._clock() + ROOM_LIMIT
        while (left := until - self._clock()) > 0 and not caller.gone():
            if self._waiting.place(ticket.id).admitted and (session := await self.redeem(ticket.id, caller)):
                return session
            await self._waiting.bell.heard(left)
        return None

    async def _obtain(self, name: str, caller: Caller, may: Callable[[], bool]) -> Session:
        """Return a session on a living instance. Raises PoolEmpty, JournalUnwritable, Disconnected.

        `may` tells before each try whether the caller is entitled to the next instance: after a dead one it
        may be owed to somebody else.
        """
        for _ in range(TRIES):
            if not may():
                break
            ready = self._pools.next_up(name)
            if ready.id in self._freezer and not await self._runs(ready):
                continue
            session = self._pools.hand_over(ready)
            try:
                alive = await accepts(session.upstream.address)
            except asyncio.CancelledError:
                self._pools.end(session.instance_id, Reason.SHUTDOWN)
                raise
            if caller.gone():
                self._pools.end(session.instance_id, Reason.SHUTDOWN)
                raise Disconnected("the visitor left before an instance was assigned")
            # It may have ended while its server was looked at: nobody is told of that end a second time.
            if alive and self._pools.find(session.id) is not None:
                return session
            log.warning("dead_instance_skipped", instance=short(session.instance_id), pool=session.pool)
            self._pools.end(session.instance_id, Reason.DIED)
        raise PoolEmpty(name)

    async def _runs(self, ready: Instance) -> bool:
        """Make a paused instance run before it is anybody's; return whether it may be handed over.

        While no engine answers it stays as it is: whoever comes after that can still have it. Raises
        PoolEmpty then.
        """
        self._roster.promise(ready.id)
        try:
            async with asyncio.timeout(THAW_LIMIT):
                await self._freezer.thaw(ready.id)
        except EngineUnavailable as error:
            self._on_engine_failure(error)
            raise PoolEmpty(ready.pool) from error
        except TimeoutError as error:
            self._on_engine_failure(EngineTimeout(f"unpause: not done within {THAW_LIMIT:g} s"))
            raise PoolEmpty(ready.pool) from error
        except EngineError as error:
            log.warning("unpause_failed", instance=short(ready.id), code=error.code, detail=error.detail)
            self._pools.end(ready.id, Reason.DIED)
            return False
        finally:
            self._roster.free(ready.id)
        now = self._roster.get(ready.id)
        return now is not None and now.state in READY


async def accepts(address: Address) -> bool:
    """Return whether something accepts connections there."""
    try:
        async with asyncio.timeout(CHECK_LIMIT):
            _, writer = await asyncio.open_connection(address.host, address.port)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True
