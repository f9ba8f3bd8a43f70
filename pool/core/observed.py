"""What `plan` is told: everything there is, and what each pool should look like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pool.core.instance import Instance


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one pool should look like. `limit` is bytes of one instance, times are monotonic seconds."""

    pool: str
    generation: str
    limit: int
    target: int
    """How many to hold ready."""
    max: int
    hot: int = 1
    """How many of them to keep running; the others are paused."""
    measures: int = 0
    """The most bytes that one of its ready instances measured lately; 0 while none was measured."""
    waiting: int = 0
    """Visitors in line for this pool."""
    waiting_since: float = math.inf
    """When the first of them came. Pools that lack as much are served in this order."""
    start_at: float = 0.0
    """No start before this moment: the last ones failed, or the image is missing."""
    refill_at: float = 0.0
    """No start before this moment while an instance is ready: a visitor's page is loading."""

    @property
    def supply(self) -> int:
        """How many should be ready or on their way: those in line are about to take theirs away."""
        return self.target + self.waiting


@dataclass(frozen=True, slots=True)
class Host:
    """How the machine's own memory fares, whatever the budget says."""

    room: int | None = None
    """Bytes available beyond the reserve, negative when that is touched; None when instances run elsewhere.
    """
    stalled: bool = False
    """Programs stand still because they wait for memory."""

    @property
    def strained(self) -> bool:
        """Whether idle instances must go."""
        return self.stalled or (self.room is not None and self.room < 0)


@dataclass(frozen=True, slots=True)
class Observed:
    """All instances there are, those a carried-out action is busy with, and how the host fares."""

    instances: tuple[Instance, ...]
    in_flight: frozenset[str] = frozenset()
    host: Host = Host()
    promised: frozenset[str] = frozenset()
    """Ready ones that are being made to run for a visitor: not to be given up any more."""
