"""What a pool has seen of its visitors: when they came, and how long new instances take."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = 4.0
"""Seconds of one slot: visitors are counted slot by slot."""
KEPT_SECONDS = 25 * 3600.0
"""How long visitors are remembered, at least."""
TRIM_AT = 1024
"""Old slots are forgotten so many at a time."""
SLOTS = int(KEPT_SECONDS / STEP) + TRIM_AT
"""The most slots there ever are. Those in which nobody came are not kept."""
ASSUMED_START = 5.0
"""Seconds a start is taken to last before one has been seen."""
SHORTEST_START = 0.1
"""Seconds a start is taken to last at least."""
STARTS_KEPT = 15
"""The median of so many is how long a start lasts: a few that hung do not move it."""


class Arrivals:
    """How many visitors came in each slot of the last day, and how long starts last lately.

    Has no clock: times are monotonic seconds; one earlier than the last is taken for the last. Needs 16 bytes
    a slot, which makes 370 KiB when somebody has come every four seconds for a day.
    """

    __slots__ = ("_slots", "_starts", "_totals", "start_seconds")

    def __init__(self) -> None:
        # Slot `at` counted the visitors between the totals `at` and `at + 1`: any span is one subtraction.
        self._slots = array("q")
        self._totals = array("q", [0])
        self._starts: deque[float] = deque(maxlen=STARTS_KEPT)
        self.start_seconds = ASSUMED_START
        """Seconds from the decision to start an instance until it is warm, as a rule."""

    def __repr__(self) -> str:
        visitors = self._totals[-1] - self._totals[0]
        return f"Arrivals(visitors={visitors}, start_seconds={self.start_seconds:.1f})"

    def arrived(self, now: float, count: int = 1) -> None:
        """Take note of visitors who want an instance, whether or not there is one for them."""
        here = _slot(now)
        if self._slots and here <= self._slots[-1]:
            self._totals[-1] += count
            return
        if len(self._slots) >= TRIM_AT and self._slots[TRIM_AT - 1] < here - KEPT_SECONDS / STEP:
            del self._slots[:TRIM_AT], self._totals[:TRIM_AT]
        self._slots.append(here)
        self._totals.append(self._totals[-1] + count)

    def started(self, seconds: float) -> None:
        """Take note of how long an instance took from the decision to start it until it was warm."""
        self._starts.append(max(seconds, SHORTEST_START))
        self.start_seconds = median(self._starts)

    def count(self, begin: float, end: float) -> int:
        """Return how many visitors came from one moment to another, to the slot."""
        first, last = self._span(begin, end)
        return self._totals[last] - self._totals[first]

    def history(self, begin: float, end: float) -> tuple[Sequence[int], Sequence[int]]:
        """Return the numbers of the slots of the span in which somebody came, and how many visitors there had
        ever been: before the first of them, then after each.
        """
        first, last = self._span(begin, end)
        return self._slots[first:last], self._totals[first : last + 1]

    def _span(self, begin: float, end: float) -> tuple[int, int]:
        return bisect_left(self._slots, _slot(begin)), bisect_left(self._slots, _slot(end) + 1)


def _slot(moment: float) -> int:
    return int(moment // STEP)
