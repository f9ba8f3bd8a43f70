"""Finds the end of a request's body, of either framing (RFC 9112 section 6). Pure: bytes in, pieces out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import httptools

from gateway.errors import BadRequest
from gateway.proxy.guard import HEAD_LIMIT

if TYPE_CHECKING:
    from config.errors import WarmgateError
    from gateway.proxy.request import RequestHead

CHUNKS_FOLLOW = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
"""What a parser is fed so that it reads chunks."""


class Body(Protocol):
    """A body on its way."""

    done: bool
    """Whether it is whole."""
    rest: bytes
    """What came behind its end."""
    torn: bool
    """Whether bytes came behind its end that cannot be told from a further request."""

    def feed(self, data: bytes) -> bytes:
        """Return the next piece of the body, perhaps empty. Raises BadRequest."""
        ...


class SizedBody:
    """A body whose length was told."""

    __slots__ = ("done", "left", "rest", "torn")

    def __init__(self, length: int) -> None:
        self.left = length
        self.rest = b""
        self.done = False
        self.torn = False

    def feed(self, data: bytes) -> bytes:
        """See Body."""
        left = self.left - len(data)
        if left > 0:
            self.left = left
            return data
        self.done = True
        if left < 0:
            self.rest = data[left:]
            data = data[:left]
        self.left = 0
        return data


class ChunkedBody:
    """A body in chunks, of a request or of an answer. Extensions and trailers end here.

    Raises `error` instead of BadRequest; `limit` is bytes that may come without any being of the body.

    llhttp does not tell where in a piece the last chunk ended, so bytes behind it make the body `torn`: the
    answer is the last of its connection. Only a client that does not wait for answers sends such bytes.
    """

    __slots__ = ("_error", "_idle", "_limit", "_parser", "_pieces", "_trailers", "done", "rest", "torn")

    def __init__(self, error: type[WarmgateError] = BadRequest, limit: int = HEAD_LIMIT) -> None:
        self._error = error
        self._limit = limit
        self._pieces: list[bytes] = []
        self._idle = 0
        self._trailers = 0
        self.rest = b""
        self.done = False
        self.torn = False
        # A parser of its own, because fields of the real head (Upgrade, Connection) change what llhttp does.
        self._parser = httptools.HttpRequestParser(self)
        self._parser.feed_data(CHUNKS_FOLLOW)

    def feed(self, data: bytes) -> bytes:
        """See Body."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.done:
                raise self._error(type(error).__name__) from None
            self.torn = True
        piece = self.take()
        # Chunk extensions and trailers lead to no body; without end they are an attack.
        self._idle = 0 if piece else self._idle + len(data)
        if self._trailers > self._limit or (self._idle > self._limit and not self.done):
            raise self._error("chunk extensions or trailers without end")
        return piece

    def take(self) -> bytes:
        """Return what came of the body before a fault; otherwise `feed` has returned it."""
        piece = b"".join(self._pieces)
        self._pieces.clear()
        return piece

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Notice a second message behind the first."""
        self.torn = self.done

    def on_header(self, name: bytes, value: bytes) -> None:
        """Forget a trailer, but not how long it was."""
        if not self.done:
            self._trailers += len(name) + len(value)

    def on_body(self, piece: bytes) -> None:
        """Collect a piece."""
        if not self.done:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """Take note of the end."""
        self.done = True


def body_of(head: RequestHead) -> Body | None:
    """Return what reads the body of a request, None where there is none."""
    section = head.section
    if section.chunked:
        return ChunkedBody()
    return SizedBody(section.length) if section.length else None
