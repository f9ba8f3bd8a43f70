"""Reads one answer from a server's bytes, strictly. Pure: bytes in by `feed`, what they mean in attributes.

Heads and chunks are read by httptools (llhttp, strict), and only they: where a length is told, or the end of
the connection is the end of the body, bytes pass without a second look. aiohttp's client reads answers
leniently, resends requests by rules of its own and drops header bytes that are not UTF-8.
"""

from __future__ import annotations

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

HEAD_END = b"\r\n\r\n"

NO_BODY = Framing(Ends.NO_BODY)


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

    __slots__ = (
        "_complete",
        "_fields",
        "_idle",
        "_interim",
        "_left",
        "_limit",
        "_method",
        "_parser",
        "_pieces",
        "_reason",
        "_trailers",
        "_unparsed",
        "_upgrade",
        "framing",
        "head",
        "keep",
        "leftover",
        "stage",
        "surplus",
    )

    def __init__(self, method: str, *, upgrade: bool = False, limit: int) -> None:
        self._method = method
        self._upgrade = upgrade
        self._limit = limit
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._reason = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._unparsed = b""
        self._complete = False
        self._interim = 0
        self._idle = 0
        self._left = 0
        self._trailers = 0
        self._pieces: list[bytes] = []
        self.stage = Stage.HEAD
        self.head: Head | None = None
        self.framing = NO_BODY
        self.keep = False
        self.leftover = b""
        self.surplus = False

    def done(self) -> bool:
        """Whether the answer is whole."""
        return self.stage is Stage.DONE

    def feed(self, data: bytes) -> None:
        """Read the next bytes."""
        if self.stage is Stage.HEAD:
            data = self._read_heads(data)
        if not data:
            return
        match self.stage:
            case Stage.BODY if self.framing.ends is Ends.LENGTH:
                self._count(data)
            case Stage.BODY if self.framing.ends is Ends.CHUNKED:
                self._unchunk(data)
            case Stage.BODY:
                self._pieces.append(data)
            case Stage.SWITCHED:
                self.leftover += data
            case _:
                self.surplus = True

    def eof(self) -> None:
        """Take note that no more bytes come."""
        if self.stage is Stage.BODY and self.framing.ends is Ends.CLOSE:
            self._end()
        elif self.stage in {Stage.HEAD, Stage.BODY}:
            raise InstanceUnreachable(f"connection lost before the end of the {self.stage}")

    def take(self) -> bytes:
        """Return what is there of the body, and forget it."""
        pieces = self._pieces
        if len(pieces) == 1:
            return pieces.pop()
        data = b"".join(pieces)
        pieces.clear()
        return data

    def _read_heads(self, data: bytes) -> bytes:
        """Read the head, and interim ones before it; return what came behind."""
        while data and self.stage is Stage.HEAD:
            seen = len(self._unparsed)
            if seen:
                data = self._unparsed + data
            end = data.find(HEAD_END, max(0, seen - 3))
            whole = end >= 0
            end = end + len(HEAD_END) if whole else len(data)
            if end > self._limit:
                raise UpstreamInvalid("a head too large")
            self._parse(data[seen:end] if seen or end < len(data) else data)
            # llhttp and the first empty line must agree where a head ends.
            if whole != self._complete:
                raise UpstreamInvalid("a head whose end is not clear")
            if not whole:
                self._unparsed = data
                return b""
            self._unparsed = b""
            data = data[end:] if end < len(data) else b""
            self._judge()
        return data

    def _parse(self, data: bytes) -> None:
        parser = self._parser
        if parser is None:
            raise RuntimeError("nothing is parsed behind a head")
        try:
            parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass
        except httptools.HttpParserError as error:
            known = error.__context__
            raise known if isinstance(known, WarmgateError) else UpstreamInvalid(str(error)) from None

    def _judge(self) -> None:
        """Judge a whole head and find out where the body ends."""
        parser = self._parser
        if parser is None:
            raise RuntimeError("a head is judged once")
        if len(self._fields) > MOST_FIELDS:
            raise UpstreamInvalid("too many fields")
        status = parser.get_status_code()
        head = Head(parser.get_http_version(), status, self._reason, tuple(self._fields))
        answer.check(head)
        if answer.interim(status):
            self._skip(head)
            return
        if status == answer.SWITCHING:
            if not self._upgrade:
                raise UpstreamInvalid("a 101 nobody asked for")
            self.stage = Stage.SWITCHED
            self._parser = None
        else:
            self.framing = framing = answer.framing(head, self._method)
            self.keep = answer.persistent(head, framing)
            self.stage = Stage.BODY
            if framing.ends is Ends.NO_BODY or framing.length == 0:
                self._end()
            elif framing.ends is not Ends.CHUNKED:
                # Parser and reader know each other; let go of, both are freed at once.
                self._parser = None
            self._left = framing.length or 0
        self.head = head

    def _skip(self, head: Head) -> None:
        self._interim += 1
        if self._interim > MOST_INTERIM or not FRAMING.isdisjoint(head.named):
            raise UpstreamInvalid("interim answers without end, or with a body")
        self._fields = []
        self._reason = b""
        self._complete = False
        # A new one, because llhttp expects a body behind an interim answer that says so.
        self._parser = httptools.HttpResponseParser(self)

    def _count(self, data: bytes) -> None:
        left = self._left - len(data)
        if left < 0:
            self.surplus = True
            data = data[:left]
        self._left = left
        self._pieces.append(data)
        if left <= 0:
            self._end()

    def _unchunk(self, data: bytes) -> None:
        try:
            self._parse(data)
        except UpstreamInvalid:
            if not self.done():
                raise
            self.surplus = True
        # Chunk extensions and trailers lead to no body; without end they are an attack.
        self._idle = 0 if self._pieces else self._idle + len(data)
        if self._idle > self._limit and not self.done():
            raise UpstreamInvalid("chunk extensions or trailers without end")
        if self.done():
            self._parser = None

    def _end(self) -> None:
        self.stage = Stage.DONE
        self._parser = None

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Notice a second answer behind the first."""
        if self.stage is not Stage.HEAD:
            self.surplus = True

    def on_status(self, status: bytes) -> None:
        """Collect the reason phrase, which may come in pieces."""
        self._reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a field; trailers are forgotten, because nothing that is relayed uses them."""
        if self.stage is Stage.HEAD:
            self._fields.append((name, value.strip(b" \t")))
            return
        self._trailers += len(name) + len(value)
        if self._trailers > self._limit:
            raise UpstreamInvalid("trailers too large")

    def on_headers_complete(self) -> None:
        """Take note of the head's end."""
        self._complete = True

    def on_body(self, body: bytes) -> None:
        """Keep a piece of a chunked body until it is taken."""
        if self.stage is Stage.BODY:
            self._pieces.append(body)
        else:
            self.surplus = True

    def on_message_complete(self) -> None:
        """Take note of a chunked body's end."""
        if self.stage is Stage.BODY:
            self.stage = Stage.DONE
