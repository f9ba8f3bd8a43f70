"""How often something may be done: so many times at once, and so many a second after that. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Allowance:
    """A token bucket. `clock` tells seconds."""

    def __init__(self, at_once: float, per_second: float, clock: Callable[[], float]) -> None:
        self._most = at_once
        self._rate = per_second
        self._clock = clock
        self._left = at_once
        self._at = clock()

    def take(self) -> bool:
        """Return whether it may be done now; if so, it counts as done."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
