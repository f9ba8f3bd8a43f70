"""What visitors met in the last hour, minute by minute. Pure: the clock is passed in."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MINUTE = 60.0
MINUTES = 60
"""How many are remembered; the one under way is the last of them."""

CLASS_WIDTH = 1.1
"""Waits are counted in classes, each a tenth wider than the one before: memory stays small however many
visitors come, and a median is at most a twentieth off.
"""

SHORTEST_WAIT = 0.0001
"""Seconds; what is shorter counts as this."""


@dataclass(slots=True)
class Tally:
    """What was counted of one pool in a span of time. Waits are seconds."""

    arrivals: int = 0
    hits: int = 0
    """Served at once."""
    misses: int = 0
    """Served after a wait for an instance, or turned away."""
    refused: Counter[str] = field(default_factory=Counter)
    """Turned away, by the code of the error."""
    wait_max: float | None = None
    waits: Counter[int] = field(default_factory=Counter, repr=False)
    """Visitors by class of wait; see CLASS_WIDTH."""

    @property
    def hit_rate(self) -> float | None:
        """Share of those who were answered that were served at once, 0 to 1; None when nobody was."""
        answered = self.hits + self.misses
        return self.hits / answered if answered else None

    @property
    def wait_p50(self) -> float | None:
        """The wait that half of those served did not pass; None when nobody was served."""
        if self.wait_max is None:
            return None
        half = self.waits.total() / 2
        counted = 0
        for step in sorted(self.waits):
            counted += self.waits[step]
            if counted >= half:
                break
        middle: float = SHORTEST_WAIT * CLASS_WIDTH ** (step + 0.5)
        return min(middle, self.wait_max)

    def waited(self, seconds: float) -> None:
        """Count the wait of one visitor who was served."""
        self.waits[int(math.log(max(seconds, SHORTEST_WAIT) / SHORTEST_WAIT, CLASS_WIDTH))] += 1
        self.wait_max = max(seconds, self.wait_max or 0.0)

    def add(self, other: Tally) -> None:
        """Take in what was counted elsewhere."""
        self.arrivals += other.arrivals
        self.hits += other.hits
        self.misses += other.misses
        self.refused.update(other.refused)
        if other.wait_max is not None:
            self.waits.update(other.waits)
            self.wait_max = max(other.wait_max, self.wait_max or 0.0)


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of all pools."""

    began: float
    """By the clock passed in."""
    pools: dict[str, Tally]


class Recent:
    """Rings of the last minutes, one a pool. `clock` gives monotonic seconds.

    Names of pools that are not configured are ignored: a visitor may ask for any, and each would be kept.
    """

    def __init__(self, pools: Iterable[str], clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rings: dict[str, deque[tuple[int, Tally]]] = {}
        self.expect(pools)

    def expect(self, pools: Iterable[str]) -> None:
        """Go on with these pools; what was counted of them stays."""
        self._rings = {name: self._rings.get(name) or deque(maxlen=MINUTES) for name in pools}

    def arrived(self, pool: str) -> None:
        """A visitor asked for an instance."""
        if (tally := self._now(pool)) is not None:
            tally.arrivals += 1

    def served(self, pool: str, waited_seconds: float, hit: bool) -> None:  # noqa: FBT001 - the word is the meaning
        """A visitor got one; a `hit` when one was ready as they came."""
        if (tally := self._now(pool)) is not None:
            tally.hits += hit
            tally.misses += not hit
            tally.waited(waited_seconds)

    def refused(self, pool: str, code: str) -> None:
        """A visitor was turned away with the error of this code."""
        if (tally := self._now(pool)) is not None:
            tally.misses += 1
            tally.refused[code] += 1

    def minutes(self) -> list[Minute]:
        """Return the last minutes, oldest first, those without visitors too."""
        known = {pool: dict(ring) for pool, ring in self._rings.items()}
        last = self._number()
        return [
            Minute(number * MINUTE, {pool: tallies.get(number) or Tally() for pool, tallies in known.items()})
            for number in range(last - MINUTES + 1, last + 1)
        ]

    def _now(self, pool: str) -> Tally | None:
        ring = self._rings.get(pool)
        if ring is None:
            return None
        number = self._number()
        if not ring or ring[-1][0] != number:
            ring.append((number, Tally()))
        return ring[-1][1]

    def _number(self) -> int:
        return int(self._clock() // MINUTE)


def together(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of some tallies."""
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total
