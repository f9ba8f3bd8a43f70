"""What a visitor's connection asks of whoever answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
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

    def visitor_full(self) -> None:
        """The visitor takes no more for now."""
        ...

    def visitor_ready(self) -> None:
        """The visitor takes bytes again."""
        ...
