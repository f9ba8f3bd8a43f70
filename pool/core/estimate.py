"""How long those in line will wait: a small simulation of the pool from what it has done so far."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_REMAINING = 0.25
"""A session older than all that are known is taken to last this share of a usual session more."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a pool has and how fast it gets more. All times are seconds."""

    assignable: int
    """Instances that can be assigned at once."""
    preparing: Sequence[float]
    """For each instance on its way, how long it has been."""
    sessions: Sequence[float]
    """For each session, how long it has lasted."""
    startable: int
    """Instances that may be started besides, without anything ending first."""
    leaving: int
    """Instances that are over and not yet gone; each makes room for one more."""
    starts_at_once: int
    refill: float
    """From the decision to start an instance until it is warm."""
    removal: float
    """From the end of an instance until it is gone."""
    session: float | None
    """How long a session usually lasts, or None while that is not known."""
    lasted: Sequence[float] = ()
    """How long each of the last sessions lasted; without them only the usual one is looked at."""


def waits(capacity: Capacity, count: int) -> list[float | None]:
    """Return in how many seconds each of the first `count` in line will probably enter.

    None from where it depends on how long sessions last and nobody knows that yet, or where nothing ever
    comes.
    """
    starters = [0.0] * max(1, capacity.starts_at_once)
    ready = [0.0] * capacity.assignable
    for place, age in enumerate(sorted(capacity.preparing, reverse=True)):
        done = max(capacity.refill - age, capacity.refill / 10)
        ready.append(done)
        starters[place % len(starters)] = max(starters[place % len(starters)], done)
    heapq.heapify(ready)
    heapq.heapify(starters)
    free = [0.0] * capacity.startable + [capacity.removal] * capacity.leaving
    if capacity.session is not None:
        free += [
            _remaining(capacity.session, age, capacity.lasted) + capacity.removal for age in capacity.sessions
        ]
    heapq.heapify(free)
    result: list[float | None] = []
    while len(result) < count:
        # Whatever can start before the next visitor enters does, one after another.
        if free and not (ready and ready[0] <= free[0]):
            begins = max(heapq.heappop(free), heapq.heappop(starters))
            heapq.heappush(starters, begins + capacity.refill)
            heapq.heappush(ready, begins + capacity.refill)
            continue
        if not ready:
            result.append(None)
            continue
        enters = heapq.heappop(ready)
        result.append(enters)
        if capacity.session is not None:
            heapq.heappush(free, enters + capacity.session + capacity.removal)
    return result


def _remaining(session: float, age: float, lasted: Sequence[float]) -> float:
    """Return how long a session of this age lasts yet: as those did that grew older than it."""
    if older := [seconds for seconds in lasted if seconds > age]:
        return fmean(older) - age
    return max(session - age, session * LEAST_REMAINING)
