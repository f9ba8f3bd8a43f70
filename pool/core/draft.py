"""A plan in the making: what is there, less what has been decided to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.budget import charged
from pool.core.order import by_assignment, by_surrender
from pool.core.states import PREPARING, READY, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pool.core.instance import Instance
    from pool.core.observed import Observed, Wanted
    from pool.core.states import Reason


class Draft:
    """The rules of `plan` read it and add endings to it; later rules see what earlier ones decided."""

    def __init__(self, observed: Observed, wanted: Sequence[Wanted], budget: int, now: float) -> None:
        self.observed = observed
        self.wanted = wanted
        self.now = now
        self.endings: dict[str, Reason] = {}
        self.overdrawn = charged(observed.instances) - budget
        """Bytes charged beyond the budget, after it was lowered or instances were adopted; else negative."""
        self.room = min(-self.overdrawn, _host_room(observed))
        """Bytes that can be spent now: what budget and host both have."""
        self.coming = sum(i.charge for i in observed.instances if i.state is State.DRAINING)
        """Bytes of instances that are over and not yet gone."""
        self._ready: dict[str, list[Instance]] = {want.pool: [] for want in wanted}
        self._stale: dict[str, list[Instance]] = {want.pool: [] for want in wanted}
        generations = {want.pool: want.generation for want in wanted}
        for instance in observed.instances:
            promised = instance.id in observed.promised
            if instance.state in READY and not promised and instance.pool in generations:
                current = generations[instance.pool] == instance.generation
                (self._ready if current else self._stale)[instance.pool].append(instance)

    @property
    def room_soon(self) -> float:
        """Bytes that can be spent once everything that is over is gone."""
        return self.room + self.coming

    def end(self, instance: Instance, reason: Reason) -> None:
        """Decide that an instance ends."""
        if instance.id in self.endings:
            return
        self.endings[instance.id] = reason
        self.coming += instance.charge
        for lists in (self._ready, self._stale):
            if instance in (kept := lists.get(instance.pool, [])):
                kept.remove(instance)

    def ready(self, pool: str) -> Sequence[Instance]:
        """Return ready instances of the current generation, in the order in which visitors get them."""
        return sorted(self._ready[pool], key=by_assignment)

    def idle(self, pool: str) -> Sequence[Instance]:
        """Return the same in the order in which they are given up."""
        return sorted(self._ready[pool], key=by_surrender)

    def stale(self, pool: str) -> Sequence[Instance]:
        """Return ready instances of an older generation, in the order in which they are given up."""
        return sorted(self._stale[pool], key=by_surrender)

    def count(self, pool: str) -> int:
        """Return how many instances of a pool there are, whatever they do: what `max` bounds."""
        return sum(i.pool == pool for i in self.observed.instances)

    def preparing(self, want: Wanted) -> int:
        """Return how many instances of the pool's current generation are on their way."""
        return sum(
            i.pool == want.pool and i.generation == want.generation and i.state in PREPARING
            for i in self.observed.instances
            if i.id not in self.endings
        )

    def supply(self, want: Wanted) -> int:
        """Return how many are ready or on their way."""
        return len(self._ready[want.pool]) + self.preparing(want)

    def unmeasured(self) -> bool:
        """Return whether some ready instance is still charged its limit and will soon be charged less."""
        told = {i.measured for i in self.observed.instances if i.state in READY and i.id not in self.endings}
        return len(told) > 1

    def may_start(self, want: Wanted) -> bool:
        """Return whether nothing but room, places and need decides over a start."""
        refills = want.refill_at <= self.now or bool(want.waiting) or not self._ready[want.pool]
        return refills and want.start_at <= self.now and not self.observed.host.strained


def _host_room(observed: Observed) -> float:
    """Return bytes the host has left, less what those that start may yet take."""
    if observed.host.room is None:
        return float("inf")
    return observed.host.room - charged(i for i in observed.instances if i.state in PREPARING)
