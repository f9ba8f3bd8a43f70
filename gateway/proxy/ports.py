"""What the relay asks of the rest of the gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from aiohttp import web

    from config.errors import WarmgateError
    from gateway.proxy.asked import Asked
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.handling import Handling
    from gateway.proxy.limits import Limits
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.request import RequestHead
    from gateway.proxy.visitor_connection import VisitorConnection
    from pool.upstream import Upstream

Amend = Callable[[bytes, Callable[[bytes], Awaitable[None]]], Awaitable[None]]
"""Given a body and what relays the request with another one and returns when it is answered."""


class Relaying(NamedTuple):
    """A request goes to an instance, over its session's connections; through `amend` if its body must."""

    place: SessionPath
    connections: SessionConnections
    amend: Amend | None = None


class Desk(Protocol):
    """Says where a request goes."""

    def receive(self, head: RequestHead) -> Relaying | web.Response | None:
        """Return where to, or the answer itself; None for our own addresses. Raises errors of the tree."""
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
    def rested(self) -> Callable[[VisitorConnection], None] | None:
        """Called, if there, for a connection whose request is answered and over which no other has come."""
        ...

    def came(self, visitor: VisitorConnection) -> None:
        """A connection was made."""
        ...

    def left(self, visitor: VisitorConnection) -> None:
        """A connection is over, or no longer carries requests."""
        ...

    def receive(self, visitor: VisitorConnection, head: RequestHead) -> Handling | None:
        """Return who answers a request; None when it is answered already. Raises errors of the tree."""
        ...

    def explain(self, asked: Asked, error: WarmgateError) -> web.Response:
        """Return the answer an error leads to."""
        ...


class Target(Protocol):
    """A session, as far as the relay looks. Paths are relative to the server's base, decoded, no query."""

    @property
    def instance_id(self) -> str:
        """Names the session in logs, shortened."""
        ...

    @property
    def pool(self) -> str:
        """The pool a new notebook would come from."""
        ...

    @property
    def upstream(self) -> Upstream:
        """Where and how the instance's server is spoken to."""
        ...

    def is_activity(self, method: str, path: str) -> bool:
        """Return whether a request is the visitor's doing."""
        ...

    def hides_secret(self, path: str, status: int) -> bool:
        """Return whether an HTML answer at this path, of this status, may show the secret."""
        ...

    def touch(self) -> None:
        """Note real use by the visitor. Called often; must be cheap."""
        ...


class Meter(Protocol):
    """What the relay counts. Called for every request and every piece of it; must be cheap."""

    def request(self, status: int) -> None:
        """A relayed request was answered with this status."""
        ...

    def to_instance(self, size: int) -> None:
        """Body or websocket bytes went to an instance."""
        ...

    def to_visitor(self, size: int) -> None:
        """Body or websocket bytes went to a visitor."""
        ...

    def tunnel_opened(self) -> None:
        """A websocket was opened."""
        ...

    def tunnel_closed(self) -> None:
        """A websocket was closed."""
        ...
