"""Who says where a request goes, and what they may say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from gateway.policy.ruling import Passed
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.handling import Handling, Visiting
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.request import RequestHead

    Amend = Callable[[bytes, Callable[[bytes], Awaitable[None]]], Awaitable[None]]
    """Given a body and what relays the request with another one and returns when it is answered."""

    Serve = Callable[[Visiting, RequestHead], Handling]
    """Answers a request with bytes that are here already."""


class Relaying(NamedTuple):
    """A request goes to an instance, over its session's connections; through `amend` if its body must.

    `passed` is what a policy has made of it, in view mode.
    """

    place: SessionPath
    connections: SessionConnections
    amend: Amend | None = None
    passed: Passed | None = None


class Desk(Protocol):
    """Says where a request goes."""

    def receive(self, head: RequestHead, peer: str | None) -> Relaying | Serve | web.Response | None:
        """Return where to, what answers or the answer itself; None for our own addresses.

        `peer` is the address the request came from, perhaps a proxy's. Raises errors of the tree.
        """
        ...
