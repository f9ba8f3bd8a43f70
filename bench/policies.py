"""Ways to decide how many instances to hold ready: the pool's own, and what it is compared with."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pool.core.arrivals import Arrivals
from pool.core.sizing import target

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = math.inf


class Policy(Protocol):
    """Decides how many instances to hold ready."""

    arrivals: Arrivals
    """What it is told; even where it is not looked at, it tells whether starts are urgent."""
    every: float
    """Seconds between two questions when nothing happens."""

    def target(self, now: float, ceiling: int) -> int:
        """Return how many to hold ready; `ceiling` is what there is room for."""


@dataclass(slots=True)
class Static:
    """Always the same number."""

    size: int
    every: float = NEVER
    arrivals: Arrivals = field(default_factory=Arrivals)

    def target(self, now: float, ceiling: int) -> int:  # noqa: ARG002 - looks at nothing
        """Return the number, or what fits."""
        return min(self.size, ceiling)


@dataclass(slots=True)
class Adaptive:
    """What the pool does."""

    floor: int
    starts_at_once: int
    every: float = 10.0
    """The pool asks every second. To be asked more rarely only keeps surplus for longer."""
    arrivals: Arrivals = field(default_factory=Arrivals)

    def target(self, now: float, ceiling: int) -> int:
        """Ask the pool's own function."""
        return target(
            self.arrivals, now, floor=self.floor, ceiling=ceiling, starts_at_once=self.starts_at_once
        )


@dataclass(slots=True)
class Told:
    """Knows how many visitors a second there will be, though not when each comes: what cannot be had.

    Holds so many that `share` of the visitors of each moment find one.
    """

    rate: Callable[[float], float]
    share: float
    refill: float
    """Seconds until an instance that was taken is replaced."""
    every: float = 60.0
    arrivals: Arrivals = field(default_factory=Arrivals)

    def target(self, now: float, ceiling: int) -> int:
        """Return the smallest number that serves the share, by Poisson's distribution."""
        mean = self.rate(now) * self.refill
        probability = total = math.exp(-mean)
        others = 0
        while total < self.share:
            others += 1
            probability *= mean / others
            total += probability
        return min(others + 1, ceiling)
