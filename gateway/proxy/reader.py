"""Reads one answer from a server's bytes, strictly. Pure: bytes in by `feed`, what they mean in attributes.

Written on httptools (llhttp, strict) because aiohttp's client reads answers leniently, resends requests by
rules of its own and drops header bytes that are not UTF-8.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum

import httptools

from config.errors import WarmgateError
from gateway.errors import InstanceUnreachable, UpstreamInvalid
from gateway.proxy import answer
from gateway.proxy.answer import Ends, Framing, Head
from gateway.proxy.fields import FRAMING

MOST_FIELDS = 256

MOST_INTERIM = 8
"""Answers of the 1xx kind before the real one; servers send one at most."""


class Stage(StrEnum):
    """How far an answer has arrived."""

    HEAD = "head"
    BODY = "body"
    DONE = "done"
    SWITCHED = "switched"


class Reader:
    """Reads the answer to one request of `method`. `limit` is bytes of head, and of bytes that are no body.

    `feed` and `eof` raise UpstreamInvalid and InstanceUnreachable. `leftover` is what came behind a 101;
    `surplus` says that bytes came which belong to no answer, so that the connection is not to be used again.
    """

    def __init__(self, method: str, *, upgrade: bool = False, limit: int) -> None:
        self._method = method
        self._upgrade = upgrade
        self._limit = limit
        self._parser = httptools.HttpResponseParser(self)
        self._reason = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._size = 0
        self._interim = 0
        self._chunks: deque[bytes] = deque()
        self.stage = Stage.HEAD
        self.head: Head | None = None
        self.framing = Framing(Ends.NO_BODY)
        self.keep = False
        self.held = 0
        self.leftover = b""
        self.surplus = False

    def done(self) -> bool:
        """Whether the answer is whole."""
        return self.stage is Stage.DONE

    def feed(self, data: bytes) -> None:
        """Read the next bytes."""
        if self.done():
            self.surplus = True
            return
        if self.stage is Stage.SWITCHED:
            self.leftover += data
            return
        held = self.held
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as switch:
            self.leftover = data[switch.args[0] :]
            return
        except httptools.HttpParserError as error:
            if not self.done():
                known = error.__context__
                raise known if isinstance(known, WarmgateError) else UpstreamInvalid(str(error)) from None
            self.surplus = True
        # Heads, chunk extensions and trailers lead to no body; without end they are an attack.
        self._size = 0 if self.held != held else self._size + len(data)
        if self._size > self._limit and not self.done():
            raise UpstreamInvalid("a head or trailer without end")

    def eof(self) -> None:
        """Take note that no more bytes come."""
        if self.stage is Stage.BODY and self.framing.ends is Ends.CLOSE:
            self.stage = Stage.DONE
        elif self.stage in {Stage.HEAD, Stage.BODY}:
            raise InstanceUnreachable(f"connection lost before the end of the {self.stage}")

    def take(self) -> bytes:
        """Return what is there of the body, and forget it."""
        data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        self._chunks.clear()
        self.held = 0
        return data

    # What the parser calls. An error raised here comes out of `feed`.

    def on_message_begin(self) -> None:
        """Notice a second answer behind the first."""
        if self.stage is not Stage.HEAD:
            self.surplus = True

    def on_status(self, status: bytes) -> None:
        """Collect the reason phrase, which may come in pieces."""
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a field; trailers end here, because nothing that is relayed uses them."""
        self._size += len(name) + len(value)
        if self._size > self._limit or len(self._fields) >= MOST_FIELDS:
            raise UpstreamInvalid("a head or trailer too large")
        if self.stage is not Stage.HEAD:
            return
        self._fields.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """Judge the head and find out where the body ends."""
        if self.stage is not Stage.HEAD:
            return
        status = self._parser.get_status_code()
        head = Head(self._parser.get_http_version(), status, self._reason, tuple(self._fields))
        answer.check(head)
        if answer.interim(status):
            self._skip(head)
            return
        if status == answer.SWITCHING:
            if not self._upgrade:
                raise UpstreamInvalid("a 101 nobody asked for")
            self.stage = Stage.SWITCHED
        else:
            self.framing = answer.framing(head, self._method)
            self.keep = answer.persistent(head, self.framing)
            self.stage = Stage.DONE if self.framing.ends is Ends.NO_BODY else Stage.BODY
        self.head = head
        self._size = 0

    def _skip(self, head: Head) -> None:
        self._interim += 1
        if self._interim > MOST_INTERIM or not FRAMING.isdisjoint(head.named):
            raise UpstreamInvalid("interim answers without end, or with a body")
        self._fields = []
        self._reason = b""

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body until it is taken."""
        if self.stage is not Stage.BODY:
            self.surplus = True
            return
        self._chunks.append(body)
        self.held += len(body)

    def on_message_complete(self) -> None:
        """Take note of the body's end."""
        if self.stage is Stage.BODY:
            self.stage = Stage.DONE
