"""What the relay asks of the rest of the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.upstream import Upstream


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

    @property
    def judged(self) -> bool:
        """Whether a policy judges all of its traffic: then no websocket may be a tunnel."""
        ...

    @property
    def is_heartbeat(self) -> Callable[[bytes], bool] | None:
        """Says of a short websocket message whether the page sent it by itself; None where pages do not."""
        ...

    def is_activity(self, method: str, path: str) -> bool:
        """Return whether a request is the visitor's doing."""
        ...

    def hides_secret(self, path: str, status: int) -> bool:
        """Return whether an HTML answer at this path, of this status, may show the secret."""
        ...

    def page_script(self, path: str) -> bytes:
        """Return what is put into the head of the page at this path; empty for those left as they are."""
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

    def refused(self) -> None:
        """A policy refused a message or a request."""
        ...

    def tunnel_opened(self) -> None:
        """A websocket was opened."""
        ...

    def tunnel_closed(self) -> None:
        """A websocket was closed."""
        ...
