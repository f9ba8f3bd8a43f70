"""Who may enter: a newcomer while nobody is in line, else the line in its order."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from cachetools import LRUCache

from pool.bell import Bell
from pool.core.estimate import Capacity, waits
from pool.core.states import PREPARING, State
from pool.errors import TicketUnknown, TicketUsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pool.core.line import Line, Ticket
    from pool.metrics import PoolMetrics
    from pool.pool import Pool
    from pool.pools import Pools
    from pool.session import Session

log = structlog.stdlib.get_logger(__name__)

REMEMBERED_USED = 4096
"""Used tickets that still lead their holder to the notebook they were used for, until they have come to it.
"""

TURN_LIMIT = 10.0
"""Seconds somebody has to come in once it is their turn, whatever other signs of life there are."""

FIRST_REMOVAL = 0.5
"""Seconds a removal is taken to last while none has been seen."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the holder of a ticket is told."""

    pool: str
    position: int
    """1 for the first in line."""
    length: int
    """How many stand in line for the same pool."""
    admitted: bool
    """Whether the holder may enter now."""
    waited: float
    """Seconds since the ticket was taken."""
    estimate: float | None
    """Seconds it will probably take yet, or None while nobody can tell."""


class Waiting:
    """The line together with what it waits for. Every method is synchronous and makes no engine call."""

    def __init__(
        self,
        pools: Pools,
        line: Line,
        *,
        new_id: Callable[[], str],
        metrics: PoolMetrics,
        starts_at_once: int,
        clock: Callable[[], float],
    ) -> None:
        self.line = line
        self.closed = False
        """True when the gateway stops: streams of events end."""
        self.bell = Bell()
        """Rings whenever somebody's place may have changed."""
        self._pools = pools
        self._new_id = new_id
        self._metrics = metrics
        self._starts_at_once = starts_at_once
        self._clock = clock
        self._called: dict[str, float] = {}
        """Since when it has been the turn of a ticket."""
        self._used: LRUCache[str, str] = LRUCache(REMEMBERED_USED)
        self._estimates: dict[str, list[float | None]] = {}
        self._departures: list[Callable[[Ticket], None]] = []

    def on_departure(self, call: Callable[[Ticket], None]) -> None:
        """Call with each ticket that is given up from now on."""
        self._departures.append(call)

    def admits(self, name: str | None) -> bool:
        """Return whether a newcomer may have an instance at once: there is one more than stand in line."""
        pool = self._pools.get(name)
        return self._assignable(pool) > self.line.waiting(pool.name)

    def room_is_being_made(self, name: str | None) -> bool:
        """Return whether an instance is ready that nobody in line is about to get, only its memory is not
        free yet.
        """
        pool = self._pools.get(name)
        ready = self._pools.roster.ready(pool.name, pool.generation)
        return len(ready) > self.line.waiting(pool.name)

    def take(self, name: str | None, patience: float) -> Ticket:
        """Stand in line, which is not `full`. Raises PoolUnknown.

        `patience` is seconds without a sign of life after which the place is given up.
        """
        pool = self._pools.get(name)
        ticket = self.line.take(self._new_id(), pool.name, self._clock(), patience)
        self._estimates.clear()
        self._pools.changed()
        return ticket

    def place(self, ticket_id: str) -> Place:
        """Return where a ticket stands; asking is a sign of life. Raises TicketUnknown, TicketUsed."""
        ticket = self._known(ticket_id)
        now = self._clock()
        self.line.see(ticket.id, now)
        position = self.line.position(ticket)
        return Place(
            pool=ticket.pool,
            position=position,
            length=self.line.waiting(ticket.pool),
            admitted=self._admitted(ticket),
            waited=now - ticket.taken_at,
            estimate=self._estimate(ticket.pool, position),
        )

    def has_moved(self, ticket_id: str, place: Place) -> bool:
        """Return whether a ticket stands elsewhere than it did, has been admitted, or is gone."""
        ticket = self.line.get(ticket_id)
        return ticket is None or self.line.position(ticket) != place.position or self._admitted(ticket)

    def watchers(self, ticket_id: str) -> int:
        """Return how many streams of events a ticket has. Raises TicketUnknown, TicketUsed."""
        return self._known(ticket_id).watchers

    @contextmanager
    def watched(self, ticket_id: str) -> Iterator[None]:
        """Hold the place as long as the context lasts: a stream of events is open. Raises TicketUnknown,
        TicketUsed.
        """
        self._known(ticket_id)
        self.line.watch(ticket_id, self._clock(), 1)
        try:
            yield
        finally:
            self.line.watch(ticket_id, self._clock(), -1)

    def enter(self, ticket_id: str) -> Ticket | None:
        """Let the holder in if it is their turn. `entered` or `back` must follow. Raises TicketUnknown,
        TicketUsed.
        """
        ticket = self._known(ticket_id)
        return self.line.enter(ticket_id) if self._admitted(ticket) else None

    def may_go_on(self, ticket: Ticket) -> bool:
        """Return whether one who is entering, and has met a dead instance, may have another: not one that
        somebody before them is owed.
        """
        pool = self._pools.peek(ticket.pool)
        return pool is not None and self._assignable(pool) > self.line.ahead(ticket)

    def entered(self, ticket: Ticket, session: Session) -> None:
        """The holder has an instance; the ticket is used."""
        self.line.leave(ticket.id)
        self._used[ticket.id] = session.id
        self._metrics.tickets.labels(ticket.pool, "served").inc()

    def back(self, ticket: Ticket) -> None:
        """It came to nothing: the holder stands where they stood."""
        self.line.back(ticket.id, self._clock())
        # There is an estimate for each place there was: now there is one place more.
        self._estimates.clear()

    def leave(self, ticket_id: str) -> bool:
        """Give a place up. Returns whether there was one."""
        ticket = self.line.get(ticket_id)
        if ticket is None or ticket.entering:
            return False
        self._depart(ticket)
        return True

    def led_to(self, ticket_id: str) -> Session | None:
        """Return the session a used ticket was used for, until its visitor has come to it.

        So an answer that was lost on its way can be asked for again, and nobody can later enter by an old
        ticket.
        """
        session = self._pools.find(self._used.get(ticket_id, ""))
        instance = None if session is None else self._pools.roster.get(session.instance_id)
        return None if instance is None or instance.claimed else session

    def close(self) -> None:
        """The gateway stops: nobody is told anything more."""
        self.closed = True
        self.bell.ring()

    def turn(self) -> None:
        """Something has changed, or a second has passed: who has left loses their place, the others look
        again.
        """
        for ticket in self.line.absent(self._clock()):
            self._depart(ticket)
        for ticket in self.line:
            if not ticket.entering and self._pools.peek(ticket.pool) is None:
                self._depart(ticket)
        self._call()
        self._estimates.clear()
        self.bell.ring()

    def _call(self) -> None:
        """Note whose turn it is. Who does not take it makes room for those behind them."""
        now = self._clock()
        their_turn = [
            ticket for pool in self._pools for ticket in self.line.first(pool.name, self._assignable(pool))
        ]
        self._called = {ticket.id: self._called.get(ticket.id, now) for ticket in their_turn}
        for ticket in their_turn:
            if now - self._called[ticket.id] >= TURN_LIMIT:
                self._depart(ticket)

    def _depart(self, ticket: Ticket) -> None:
        self.line.leave(ticket.id)
        self._metrics.tickets.labels(ticket.pool, "left").inc()
        log.info("ticket_given_up", pool=ticket.pool, waited=round(self._clock() - ticket.taken_at, 1))
        for call in self._departures:
            call(ticket)
        self._pools.changed()

    def _known(self, ticket_id: str) -> Ticket:
        ticket = self.line.get(ticket_id)
        if ticket is not None:
            return ticket
        if ticket_id in self._used:
            raise TicketUsed
        raise TicketUnknown

    def _admitted(self, ticket: Ticket) -> bool:
        pool = self._pools.peek(ticket.pool)
        return pool is not None and 0 < self.line.position(ticket) <= self._assignable(pool)

    def _assignable(self, pool: Pool) -> int:
        return len(self._pools.roster.assignable(pool.name, pool.generation))

    def _estimate(self, name: str, position: int) -> float | None:
        pool = self._pools.peek(name)
        if not position or pool is None:
            return 0.0 if pool else None
        if name not in self._estimates:
            self._estimates[name] = waits(self._capacity(pool), self.line.waiting(name))
        return self._estimates[name][position - 1]

    def _capacity(self, pool: Pool) -> Capacity:
        now = self._clock()
        roster = self._pools.roster
        mine = [instance for instance in roster if instance.pool == pool.name]
        room = (roster.budget - roster.charged) // pool.settings.memory
        return Capacity(
            assignable=self._assignable(pool),
            preparing=[now - i.created_at for i in mine if i.state in PREPARING],
            sessions=[now - i.since for i in mine if i.state is State.ASSIGNED],
            startable=max(0, min(room, pool.settings.max - len(mine))),
            leaving=sum(i.state is State.DRAINING for i in mine),
            starts_at_once=self._starts_at_once,
            refill=pool.arrivals.start_seconds,
            removal=pool.removals.median or FIRST_REMOVAL,
            session=pool.sessions.mean,
            lasted=tuple(pool.sessions),
        )
