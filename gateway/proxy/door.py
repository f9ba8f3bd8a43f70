"""What the visitors' connections of one listening address share, and how they end together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from gateway.proxy.lending import Borrowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from config.errors import WarmgateError
    from gateway.proxy.asked import Asked
    from gateway.proxy.handling import Handling
    from gateway.proxy.limits import Limits
    from gateway.proxy.request import RequestHead

LOOK_EVERY = 0.02
"""Seconds between looks at the connections that still have to end."""


class Arrived(Borrowed, Protocol):
    """A visitor's connection, for the door it came through."""

    def answer(self, response: web.Response) -> None:
        """Answer the request with a response of our own."""
        ...

    def hand_over(self, take: Callable[[int, bytes], None]) -> None:
        """Give the connection to another process, once all that was written is on its way.

        `take` is given a descriptor, which it has to close, and the bytes behind the head. It is not called
        for a visitor who is gone, or goes before.
        """
        ...

    def stop(self) -> None:
        """Close, now or once the answer under way is whole."""
        ...

    def abort(self) -> None:
        """Drop the connection, whatever is under way."""
        ...


class Door(Protocol):
    """What all connections of one listening address share."""

    @property
    def limits(self) -> Limits:
        """How long is waited."""
        ...

    @property
    def stopping(self) -> bool:
        """Whether no further request is read."""
        ...

    @property
    def rested(self) -> Callable[[Arrived], None] | None:
        """Called, if there, for a connection whose request is answered and over which no other has come."""
        ...

    def came(self, visitor: Arrived) -> None:
        """A connection was made."""
        ...

    def left(self, visitor: Arrived) -> None:
        """A connection is over, or no longer carries requests."""
        ...

    def receive(self, visitor: Arrived, head: RequestHead) -> Handling | None:
        """Return who answers a request; None when it is answered already. Raises errors of the tree."""
        ...

    def explain(self, asked: Asked, error: WarmgateError) -> web.Response:
        """Return the answer an error leads to."""
        ...


class Present:
    """Once `stopping`, no further request is read."""

    def __init__(self) -> None:
        self.stopping = False
        self._visitors: set[Arrived] = set()

    def came(self, visitor: Arrived) -> None:
        """A connection was made; too late, if nothing is read any more."""
        self._visitors.add(visitor)
        if self.stopping:
            visitor.stop()

    def left(self, visitor: Arrived) -> None:
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
