"""A moment by which something must have happened, moved far more often than it is reached."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

EARLY = 0.001
"""Seconds a deadline may be early: uvloop counts whole milliseconds, and would be asked again and again for
what is left of one."""


class Deadline:
    """Calls `expired` when a set moment has come.

    The loop's timer is left alone while it would ring early enough: it looks again when it rings. So a
    deadline that is moved with each request costs an addition, not a timer.
    """

    __slots__ = ("_at", "_expired", "_loop", "_rings", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, expired: Callable[[], None]) -> None:
        self._loop = loop
        self._expired = expired
        self._at = math.inf
        self._timer: asyncio.Handle | None = None
        self._rings = math.inf

    def within(self, seconds: float) -> None:
        """Expire in so many seconds, and not at any moment set before."""
        self._at = at = self._loop.time() + seconds
        timer = self._timer
        if timer is not None:
            if self._rings <= at:
                return
            timer.cancel()
        self._set(at)

    def clear(self) -> None:
        """Expire not at all."""
        self._at = math.inf

    def cancel(self) -> None:
        """Clear, and let go of the loop's timer: nothing will be set any more."""
        self._at = math.inf
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self, at: float) -> None:
        # Kept here, because for a moment that is nearly now uvloop makes no timer that could tell it.
        self._rings = at
        self._timer = self._loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._at <= self._loop.time() + EARLY:
            self._at = math.inf
            self._expired()
        elif self._at != math.inf:
            self._set(self._at)
