"""A request for our own addresses, lent to aiohttp over the visitor's connection.

aiohttp is fed exactly the bytes of one request, written anew from what was understood of it, and only when
its turn has come. So there is one reader of visitors' bytes, and aiohttp's own parser can only agree with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gateway.proxy import fields, framing
from gateway.proxy.handling import Visiting

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from config.errors import WarmgateError
    from gateway.proxy.request import RequestHead


def written_head(head: RequestHead) -> bytes:
    """Return a request's head as bytes again."""
    return b"%b %b HTTP/%d.%d\r\n%b\r\n" % (
        head.method.encode("ascii"),
        head.target,
        *head.version,
        fields.lines(head.section.fields),
    )


class Lender(Protocol):
    """aiohttp's handler of one connection."""

    def take(self, lending: Lending) -> None:
        """Answer one request, which is fed next."""
        ...

    def data_received(self, data: bytes) -> None:
        """Take bytes of the request."""
        ...

    def break_off(self) -> None:
        """End the body that is being read: no more of it will come."""
        ...

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Write to this connection."""
        ...

    def connection_lost(self, exc: Exception | None) -> None:
        """The visitor is gone."""
        ...

    def let_go(self) -> None:
        """The connection goes on without aiohttp."""
        ...

    def pause_writing(self) -> None:
        """The visitor takes no more for now."""
        ...

    def resume_writing(self) -> None:
        """The visitor takes bytes again."""
        ...

    def close(self) -> None:
        """Read no further request."""
        ...


class Borrowed(Visiting, Protocol):
    """A visitor's connection that can be lent."""

    lender: Lender | None

    def lend(self, lender: Lender) -> None:
        """Let aiohttp's handler write to this connection."""
        ...


class Lending:
    """Implements Handling. `make` makes the connection's handler when there is none yet."""

    __slots__ = ("_answered", "_head", "_make", "_visitor", "_whole")

    def __init__(self, visitor: Borrowed, head: RequestHead, make: Callable[[], Lender]) -> None:
        self._visitor = visitor
        self._head = head
        self._make = make
        self._whole = not head.has_body
        self._answered: bool | None = None

    def start(self) -> None:
        """See Handling, here and below."""
        head, visitor = self._head, self._visitor
        if visitor.lender is None:
            visitor.lend(self._make())
        lender = visitor.lender
        assert lender is not None  # noqa: S101 - lent a line above
        lender.take(self)
        lender.data_received(written_head(head))
        visitor.want_body()

    def piece(self, data: bytes) -> None:
        """Feed a piece of the body."""
        self._feed(framing.chunk(data) if self._head.section.chunked else data)

    def whole(self) -> None:
        """Feed the end of the body."""
        if self._head.section.chunked:
            self._feed(framing.LAST_CHUNK)
        self._done()

    def broken(self, error: WarmgateError) -> None:  # noqa: ARG002 - whoever reads the body says what is wrong
        """Let whoever reads the body know that no more comes."""
        if self._visitor.lender is not None:
            self._visitor.lender.break_off()
        self._done()

    def gone(self) -> None:
        """Do nothing: aiohttp hears of it from the connection."""

    def stop(self) -> None:
        """Let aiohttp read no further request."""
        if self._visitor.lender is not None:
            self._visitor.lender.close()

    def visitor_full(self) -> None:
        """Do nothing, for the same reason."""

    def visitor_ready(self) -> None:
        """Do nothing, for the same reason."""

    def answered(self, *, keep: bool) -> None:
        """The handler has written its answer; the rest of the body is still fed to it."""
        self._answered = keep
        if self._whole:
            self._visitor.answered(keep=keep)

    def _feed(self, data: bytes) -> None:
        if self._visitor.lender is not None:
            self._visitor.lender.data_received(data)

    def _done(self) -> None:
        self._whole = True
        if self._answered is not None:
            self._visitor.answered(keep=self._answered)
