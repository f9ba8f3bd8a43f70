"""Where a visitor's connection and whoever answers a request meet: what each asks of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio

    from config.errors import WarmgateError


class Handling(Protocol):
    """One request being answered: by an Exchange with an instance, or by aiohttp.

    It ends by exactly one of `answered`, `refuse`, `cut` or `give_away` of the connection, unless the visitor
    is gone first.
    """

    def start(self) -> None:
        """Begin. Called once, before anything else."""
        ...

    def piece(self, data: bytes) -> None:
        """Take the next piece of the request's body; only after `want_body`."""
        ...

    def whole(self) -> None:
        """The request's body is whole."""
        ...

    def broken(self, error: WarmgateError) -> None:
        """The request's body will never be whole."""
        ...

    def gone(self) -> None:
        """The visitor is gone; nothing may be written any more."""
        ...

    def stop(self) -> None:
        """No further request will be read; an answer without end should end."""
        ...

    def visitor_full(self) -> None:
        """The visitor takes no more for now."""
        ...

    def visitor_ready(self) -> None:
        """The visitor takes bytes again."""
        ...


class Visiting(Protocol):
    """A visitor's connection, for whoever answers a request over it."""

    @property
    def peer(self) -> str | None:
        """The address it comes from."""
        ...

    @property
    def full(self) -> bool:
        """Whether the visitor has not taken yet what was written."""
        ...

    @property
    def sent_ahead(self) -> bool:
        """Whether bytes of the body came before anybody wanted them."""
        ...

    def want_body(self) -> None:
        """Let pieces of the request's body come."""
        ...

    def hold_body(self) -> None:
        """Let none come: the instance takes no more."""
        ...

    def write(self, data: bytes) -> None:
        """Send bytes; see `full`. Does nothing for a visitor who is gone: the transport tells of that."""
        ...

    def answered(self, *, keep: bool) -> None:
        """The answer is whole: go on, with the rest of this request or with the next one."""
        ...

    def refuse(self, error: WarmgateError, instance: str = "") -> None:
        """Answer the request with an error of the tree; `instance` is for the log.

        Nothing may have been written of another answer.
        """
        ...

    def cut(self) -> None:
        """End an answer that cannot be finished so that nobody takes it for whole."""
        ...

    def give_away(self) -> tuple[asyncio.Transport, bytes] | None:
        """Hand over the connection, paused, with what came ahead; None when the visitor is gone."""
        ...
