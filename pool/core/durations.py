"""How long something usually takes, going by the last times it happened."""

from __future__ import annotations

from collections import deque
from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

REMEMBERED = 32


class Durations:
    """The last few durations of one thing, in seconds."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)

    def __repr__(self) -> str:
        return f"<Durations {len(self._seconds)} mean={self.mean}>"

    def __iter__(self) -> Iterator[float]:
        return iter(self._seconds)

    def took(self, seconds: float) -> None:
        """It happened once more."""
        self._seconds.append(seconds)

    @property
    def mean(self) -> float | None:
        """The average, or None before the first time: for what adds up."""
        return fmean(self._seconds) if self._seconds else None

    @property
    def median(self) -> float | None:
        """What is usual, whatever the odd one took, or None before the first time."""
        return median(self._seconds) if self._seconds else None
