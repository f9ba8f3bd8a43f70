"""A moment by which something must have happened, moved far more often than it is reached."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Deadline:
    """Calls `expired` when a set moment has come.

    The loop's timer is left alone while it would ring early enough: it looks again when it rings. So a
    deadline that is moved with each request costs an addition, not a timer.
    """

    __slots__ = ("_at", "_expired", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, expired: Callable[[], None]) -> None:
        self._loop = loop
        self._expired = expired
        self._at = math.inf
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> None:
        """Expire in so many seconds, and not at any moment set before."""
        self._at = at = self._loop.time() + seconds
        timer = self._timer
        if timer is not None:
            if timer.when() <= at:
                return
            timer.cancel()
        self._timer = self._loop.call_at(at, self._ring)

    def clear(self) -> None:
        """Expire not at all."""
        self._at = math.inf

    def cancel(self) -> None:
        """Clear, and let go of the loop's timer: nothing will be set any more."""
        self._at = math.inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        if self._at <= self._loop.time():
            self._at = math.inf
            self._expired()
        elif self._at != math.inf:
            self._timer = self._loop.call_at(self._at, self._ring)
