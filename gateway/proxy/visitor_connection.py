"""One visitor's connection: reads requests one by one and gives each to whoever answers it.

A request of a session goes to an Exchange; one for our own addresses is lent to aiohttp, which answers over
the same connection. Nothing of a further request is looked at before the answer to this one is whole, so what
a visitor sends ahead waits here unread and bounded.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from config.errors import WarmgateError
from gateway.errors import BadRequest, UploadStalled
from gateway.proxy import responses
from gateway.proxy.asked import NOTHING, Asked
from gateway.proxy.body import body_of
from gateway.proxy.deadline import Deadline
from gateway.proxy.request import RequestReader
from gateway.proxy.visitor_transport import VisitorTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from gateway.proxy.body import Body
    from gateway.proxy.door import Door
    from gateway.proxy.handling import Handling
    from gateway.proxy.lending import Lender
    from gateway.proxy.request import RequestHead


AHEAD_LIMIT = 64 * 1024
"""Bytes that may be sent ahead before the visitor has to wait."""


class VisitorConnection(asyncio.Protocol):
    """See the module. `door` is what all connections of one door share; `came` over it before, unanswered."""

    __slots__ = (
        "_behind",
        "_body",
        "_deadline",
        "_door",
        "_half_closed",
        "_handling",
        "_held",
        "_keep",
        "_piece",
        "_reader",
        "_take",
        "_transport",
        "_wanted",
        "_whole",
        "head",
        "lender",
    )

    def __init__(self, door: Door, came: bytes = b"") -> None:
        self._door = door
        self._transport = VisitorTransport(door.limits)
        self._deadline = Deadline(asyncio.get_running_loop(), self._expired)
        self._held = came
        self._behind = b""
        self._reader = RequestReader()
        self._handling: Handling | None = None
        self._body: Body | None = None
        self._piece = b""
        self._whole = False
        self._wanted = False
        self._keep = True
        self._half_closed = False
        self._take: Callable[[int, bytes], None] | None = None
        self.head: RequestHead | None = None
        """The request that is being answered."""
        self.lender: Lender | None = None
        """aiohttp's side of this connection, once it was needed."""

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol, here and below."""
        self._transport.made(cast("asyncio.Transport", transport))
        self._door.came(self)
        self._deadline.within(self._door.limits.keep_alive)
        if self._held:
            # Before anything is read: uvloop does so before whoever waits for the connection can go on.
            self._resume()

    def data_received(self, data: bytes) -> None:
        """Read on, or keep for later what has no reader yet."""
        if self._transport.over:
            return
        if self._held:
            data, self._held = self._held + data, b""
        elif self._handling is None and self._body is None and not self._transport.full:
            # So it is nearly always: a head, whole, and nothing behind it.
            data = self._read_head(data)
            if not data and not self._half_closed:
                return
        self._read(data)

    def eof_received(self) -> bool:
        """The visitor sends no more: whatever they have asked for whole is still answered, for a while."""
        self._half_closed = True
        if self._handling is None or self._body is not None:
            return False
        self._deadline.within(self._door.limits.half_closed)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The visitor is gone, or was sent away."""
        self._deadline.cancel()
        self._transport.lost()
        handling, self._handling = self._handling, None
        if handling is not None:
            handling.gone()
        if self.lender is not None:
            self.lender.connection_lost(exc)
            self.lender = None
        self._door.left(self)

    def pause_writing(self) -> None:
        """The visitor takes no more for now."""
        self._transport.filled()
        if self.lender is not None:
            self.lender.pause_writing()
        if self._handling is not None:
            self._handling.visitor_full()

    def resume_writing(self) -> None:
        """The visitor takes bytes again."""
        self._transport.drained()
        if self.lender is not None:
            self.lender.resume_writing()
        if self._handling is not None:
            self._handling.visitor_ready()
            return
        # Not at once: asyncio's transports cannot be closed in the middle of this call.
        asyncio.get_running_loop().call_soon(self._read_on if self._take is None else self._part)

    # Reading.

    def _read(self, data: bytes) -> None:
        while data and not self._transport.over:
            if self._body is not None:
                data = self._read_body(self._body, data)
            elif self._handling is None and not self._transport.full:
                data = self._read_head(data)
            else:
                break
        if self._transport.over:
            return
        self._held = data
        # Below that reading goes on, because who does not read does not see that a visitor has left.
        if len(data) + len(self._piece) > AHEAD_LIMIT:
            self._transport.pause()
        if self._half_closed and not data and self._handling is None:
            self._transport.close()

    def _read_on(self) -> None:
        """Go on once the visitor has taken the answers there were, or their next ones would pile up here."""
        if self.head is None and self._body is None and not self._transport.over:
            self._next()

    def _read_head(self, data: bytes) -> bytes:
        reader = self._reader
        try:
            head = reader.feed(data)
        except BadRequest as error:
            self._refuse(NOTHING, error)
            return b""
        if head is None:
            return b""
        return self._begin(head, reader.rest)

    def _begin(self, head: RequestHead, behind: bytes) -> bytes:
        """Start answering a request; return what of the bytes behind its head is not its body's."""
        self.head = head
        self._behind = behind
        self._keep = head.section.keep_alive
        self._body = body = body_of(head)
        self._whole = body is None
        self._wanted = False
        if self._half_closed:
            self._deadline.within(self._door.limits.half_closed)
        else:
            self._deadline.clear()
        if body is not None and behind:
            # What has come is judged before anybody hears of the request.
            behind = self._read_body(body, behind)
            if self._transport.over:
                return b""
        try:
            handling = self._door.receive(self, head)
        except WarmgateError as error:
            self._behind = b""
            self.refuse(error)
            return behind
        if handling is not None and self._take is None:
            self._handling = handling
            handling.start()  # and perhaps it is answered, and the connection given away, already
        if self._take is not None:
            return b""
        self._behind = b""
        return behind

    def _read_body(self, body: Body, data: bytes) -> bytes:
        """Read a piece of a body; return what is none of it."""
        try:
            piece = body.feed(data)
        except BadRequest as error:
            self._body = None
            self._keep = False
            if self._handling is not None:
                self._handling.broken(error)
            elif self.head is not None:
                self.refuse(error)
            else:
                self._transport.close()
            return b""
        if body.done:
            self._body = None
            self._keep = self._keep and not body.torn
            self._deadline.clear()
        elif self._wanted and self.head is not None:
            self._deadline.within(self._door.limits.client_body)
        if self.head is None:
            # Its answer was whole before it was: thrown away.
            if body.done:
                self._next()
        elif self._wanted:
            self._hand_over(piece)
        else:
            self._piece += piece
        return body.rest

    def _hand_over(self, piece: bytes) -> None:
        handling = self._handling
        if handling is None:
            return
        if piece:
            handling.piece(piece)
        if self._body is None and not self._whole:
            self._whole = True
            handling.whole()

    def _resume(self) -> None:
        self._transport.resume()
        if self._held:
            data, self._held = self._held, b""
            self._read(data)

    # What those who answer call.

    @property
    def full(self) -> bool:
        """Whether the visitor has not taken yet what was written."""
        return self._transport.full

    @property
    def peer(self) -> str | None:
        """The address the connection comes from."""
        return self._transport.peer

    def want_body(self) -> None:
        """Let pieces of the request's body come."""
        self._wanted = True
        if self._body is not None:
            self._deadline.within(self._door.limits.client_body)
        piece, self._piece = self._piece, b""
        self._hand_over(piece)
        if self._wanted:
            self._resume()

    def hold_body(self) -> None:
        """Let none come: the instance takes no more."""
        self._wanted = False
        self._deadline.clear()
        self._transport.pause()

    @property
    def sent_ahead(self) -> bool:
        """Whether bytes of the body came before anybody wanted them."""
        return bool(self._piece)

    def write(self, data: bytes) -> None:
        """Send bytes; see `full`. Does nothing for a visitor who is gone: the transport tells of that."""
        self._transport.write(data)

    def answer(self, response: web.Response) -> None:
        """Answer the request with a response of our own."""
        assert self.head is not None  # noqa: S101 - only a request is answered
        keep = self._keep and response.keep_alive is not False
        self.write(responses.written(response, self.head, keep=keep))
        self.answered(keep=keep)

    def refuse(self, error: WarmgateError, instance: str = "") -> None:
        """Answer the request with an error of the tree; `instance` is for the log.

        Nothing may have been written of another answer.
        """
        assert self.head is not None  # noqa: S101 - only a request is answered
        self._refuse(Asked.of(self.head, instance), error)

    def _refuse(self, asked: Asked, error: WarmgateError) -> None:
        response = self._door.explain(asked, error)
        if self.head is not None and not isinstance(error, BadRequest):
            self.answer(response)
            return
        # What follows cannot be told from what belongs to this request, so nothing of it is read.
        self._handling = None
        self._body = None
        self.write(responses.written(response, self.head, keep=False))
        self._transport.say_goodbye()
        if not self._transport.closing:
            self._deadline.within(self._door.limits.linger_unreadable)

    def answered(self, *, keep: bool) -> None:
        """The answer is whole: go on, with the rest of this request or with the next one."""
        self._handling = None
        # aiohttp may have paused it.
        self._transport.paused = self._transport.paused or self.lender is not None
        # Never again once it was not to stay: bytes behind a torn body may not be read as a request.
        self._keep = self._keep and keep
        self._piece = b""
        self.head = None
        if self._body is None:
            self._next()
            return
        self._wanted = True
        self._deadline.within(self._door.limits.linger)
        self._resume()

    def _next(self) -> None:
        if not self._keep or self._door.stopping:
            self._transport.close()
            return
        if self._transport.full:
            if not self._half_closed:
                self._deadline.clear()  # they have `client_stall`
            return
        self._deadline.within(self._door.limits.keep_alive)
        if self._transport.paused or self._held:
            self._resume()
        if self._half_closed or self._door.rested is not None:
            # Not at once: further requests may be in the hands of who is reading them just now.
            asyncio.get_running_loop().call_soon(self._rest)

    def _rest(self) -> None:
        """Part with a connection over which nothing more was asked."""
        if self.head is not None or self._body is not None or self._held or self._transport.over:
            return
        if self._half_closed:
            self._transport.close()
        elif self._door.rested is not None and not self._reader.begun:
            self._door.rested(self)

    def lend(self, lender: Lender) -> None:
        """Let aiohttp's handler write to this connection."""
        inner = self._transport.inner
        assert inner is not None  # noqa: S101 - only an open connection asks
        self.lender = lender
        lender.connection_made(inner)
        if self._transport.full:
            lender.pause_writing()

    def cut(self) -> None:
        """End an answer that cannot be finished so that nobody takes it for whole."""
        self._handling = None
        self._transport.reset()

    def give_away(self) -> tuple[asyncio.Transport, bytes] | None:
        """Hand over the connection, paused, with what came ahead; None when the visitor is gone."""
        transport = self._transport.give_away()
        if transport is None:
            return None
        early, self._held = self._held, b""
        self._handling = None
        self._deadline.cancel()
        if self.lender is not None:
            self.lender.let_go()
            self.lender = None
        self._door.left(self)
        return transport, early

    def hand_over(self, take: Callable[[int, bytes], None]) -> None:
        """Give the connection to another process, once all that was written is on its way.

        `take` is given a descriptor, which it has to close, and the bytes behind the head. It is not called
        for a visitor who is gone, or goes before.
        """
        if self._transport.closing:
            return
        self._take = take
        self._transport.finish()
        if not self._transport.full:
            self._part()

    def _part(self) -> None:
        take, behind = self._take, self._behind
        if self._transport.closing or take is None:
            return
        connection = self._transport.duplicate()
        if connection is None:
            self.abort()
            return
        given = self.give_away()
        if given is not None:
            given[0].abort()
        take(connection, behind)

    # Ending.

    def _expired(self) -> None:
        handling = self._handling
        if handling is None:
            self._transport.close()
        elif self._body is not None:
            handling.broken(UploadStalled("no bytes from the visitor"))
        else:
            self._transport.reset()  # half-closed for long enough

    def stop(self) -> None:
        """Close, now or once the answer under way is whole."""
        if self._handling is None:
            self._transport.close()
        else:
            self._handling.stop()

    def abort(self) -> None:
        """Drop the connection, whatever is under way."""
        self._transport.reset()
