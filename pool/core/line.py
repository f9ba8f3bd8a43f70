"""The waiting line: who comes next, pool by pool, first come first served. Synchronous, so every change is
atomic.

Nobody in line holds an instance. The first so many tickets of a pool as it has assignable instances may
enter, in whatever order they come for theirs; a ticket whose holder shows no sign of life gives its place
up. So an
instance is never kept for somebody who has left, and a start belongs to nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the line. Times are monotonic seconds."""

    id: str
    """Secret: whoever shows it gets the notebook."""
    pool: str
    number: int
    """Its order among all tickets ever taken."""
    taken_at: float
    seen_at: float
    """The holder's last sign of life."""
    patience: float
    """Seconds without one after which the place is given up."""
    watchers: int = 0
    """Open streams of events: as long as there is one, the holder is there."""
    entering: bool = False
    """The holder is being given an instance right now."""

    def absent(self, now: float) -> bool:
        """Return whether the holder has left, as far as anybody can tell."""
        return not self.watchers and not self.entering and now - self.seen_at >= self.patience


class Line:
    """Tickets of all pools, `places` at most."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._tickets: dict[str, Ticket] = {}
        self._taken = 0
        self._order: dict[str, dict[str, int]] | None = None

    def __len__(self) -> int:
        return len(self._tickets)

    def __iter__(self) -> Iterator[Ticket]:
        return iter(tuple(self._tickets.values()))

    @property
    def full(self) -> bool:
        """Whether nobody more can stand in line."""
        return len(self._tickets) >= self.places

    def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket of this id while it has a place."""
        return self._tickets.get(ticket_id)

    def take(self, ticket_id: str, pool: str, now: float, patience: float) -> Ticket:
        """Stand in line. The caller has seen that it is not `full`, and never uses an id twice."""
        self._taken += 1
        ticket = Ticket(ticket_id, pool, self._taken, now, now, patience)
        self._put(ticket)
        return ticket

    def waiting(self, pool: str) -> int:
        """Return how many stand in line for a pool."""
        return len(self._places().get(pool, {}))

    def since(self, pool: str) -> float:
        """Return when the first in line for a pool came; infinity when nobody stands there."""
        first = next(iter(self._places().get(pool, {})), None)
        return math.inf if first is None else self._tickets[first].taken_at

    def position(self, ticket: Ticket) -> int:
        """Return a ticket's place, 1 for the first; 0 for one that is entering or gone."""
        return self._places().get(ticket.pool, {}).get(ticket.id, 0)

    def first(self, pool: str, count: int) -> list[Ticket]:
        """Return the first so many tickets that stand in line for a pool."""
        return [self._tickets[ticket_id] for ticket_id in islice(self._places().get(pool, {}), count)]

    def ahead(self, ticket: Ticket) -> int:
        """Return how many stand in line who came before this ticket, whether or not it stands there too."""
        places = self._places().get(ticket.pool, {})
        return sum(self._tickets[other].number < ticket.number for other in places)

    def see(self, ticket_id: str, now: float) -> None:
        """The holder has shown up."""
        if (ticket := self._tickets.get(ticket_id)) is not None:
            self._tickets[ticket_id] = replace(ticket, seen_at=now)

    def watch(self, ticket_id: str, now: float, change: int) -> None:
        """The holder has opened (`change` 1) or closed (-1) a stream of events."""
        if (ticket := self._tickets.get(ticket_id)) is not None:
            watchers = max(0, ticket.watchers + change)
            self._tickets[ticket_id] = replace(ticket, seen_at=now, watchers=watchers)

    def enter(self, ticket_id: str) -> Ticket | None:
        """Let the holder in: the place is free, and kept only for the case that it comes to nothing.

        Returns None when the ticket is entering already or is not there.
        """
        ticket = self._tickets.get(ticket_id)
        if ticket is None or ticket.entering:
            return None
        ticket = replace(ticket, entering=True)
        self._put(ticket)
        return ticket

    def back(self, ticket_id: str, now: float) -> None:
        """Entering came to nothing: stand where one stood."""
        if (ticket := self._tickets.get(ticket_id)) is not None:
            self._put(replace(ticket, entering=False, seen_at=now))

    def leave(self, ticket_id: str) -> Ticket | None:
        """Give a place up, or have entered. Returns the ticket, or None when there was none."""
        self._order = None
        return self._tickets.pop(ticket_id, None)

    def absent(self, now: float) -> list[Ticket]:
        """Return the tickets whose holders have left."""
        return [ticket for ticket in self._tickets.values() if ticket.absent(now)]

    def _put(self, ticket: Ticket) -> None:
        self._tickets[ticket.id] = ticket
        self._order = None

    def _places(self) -> dict[str, dict[str, int]]:
        """Return each pool's tickets with their places; kept until the line moves, as all ask at once."""
        if self._order is None:
            self._order = {}
            for ticket in sorted(self._tickets.values(), key=lambda t: t.number):
                if not ticket.entering:
                    places = self._order.setdefault(ticket.pool, {})
                    places[ticket.id] = len(places) + 1
        return self._order
