"""How fast one session's pages may speak. Pure, but for what it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """Lets `at_once` through, and then `rate` a second. `clock` is seconds that never go back."""

    def __init__(self, rate: float, at_once: float, *, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._at_once = at_once
        self._clock = clock
        self._left = at_once
        self._then = clock()

    def allows(self, amount: float) -> bool:
        """Return whether so much may pass now, and count it if so."""
        now = self._clock()
        self._left = min(self._at_once, self._left + (now - self._then) * self._rate)
        self._then = now
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def count(self, amount: float) -> None:
        """Count what has passed already. Where it is more than was left, nothing passes for a while."""
        self._left -= amount
