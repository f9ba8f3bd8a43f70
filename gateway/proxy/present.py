"""The visitors' connections of one listening address, so that they can be ended together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.proxy.visitor_connection import VisitorConnection

LOOK_EVERY = 0.02
"""Seconds between looks at the connections that still have to end."""


class Present:
    """Once `stopping`, no further request is read."""

    def __init__(self) -> None:
        self.stopping = False
        self._visitors: set[VisitorConnection] = set()

    def came(self, visitor: VisitorConnection) -> None:
        """A connection was made."""
        self._visitors.add(visitor)

    def left(self, visitor: VisitorConnection) -> None:
        """A connection is over, or no longer carries requests."""
        self._visitors.discard(visitor)

    def stop(self) -> None:
        """Read no further request; what is idle is closed."""
        self.stopping = True
        for visitor in list(self._visitors):
            visitor.stop()

    async def leave(self, seconds: float | None) -> None:
        """Wait so long for the answers under way."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._visitors:  # noqa: ASYNC110 - rare and short, and nothing else needs to be told
                    await asyncio.sleep(LOOK_EVERY)

    def abort(self) -> None:
        """Drop whoever is left."""
        for visitor in list(self._visitors):
            visitor.abort()
