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
from gateway.proxy import answer, fields
from gateway.proxy.answer import Ends, Framing, Head
from gateway.proxy.fields import FRAMING

MOST_FIELDS = 256

MOST_INTERIM = 8
"""Answers of the 1xx kind before the real one; servers send one at most."""

LINE_END = b"\r\n"
HEAD_END = LINE_END + LINE_END

REASON_AT = len(b"HTTP/1.1 200 ")
"""Where the reason phrase begins, if there is one."""

NO_BODY = Framing(Ends.NO_BODY)


class Stage(StrEnum):
    """How far an answer has arrived."""

    HEAD = "head"
    BODY = "body"
    DONE = "done"
    SWITCHED = "switched"


HEAD, BODY, DONE, SWITCHED = Stage
NOTHING, LENGTH, CHUNKED, CLOSE = Ends


class Reader:
    """Reads the answer to one request of `method`. `limit` is bytes of head, and of bytes that are no body.

    `feed` and `eof` raise UpstreamInvalid and InstanceUnreachable. `leftover` is what came behind a 101;
    `surplus` says that bytes came which belong to no answer, so that the connection is not to be used again.
    """

    # Most answers change few of these, so they are the class's until then.
    _unparsed = b""
    _complete = False
    _interim = 0
    _idle = 0
    _left = 0
    _trailers = 0
    stage = Stage.HEAD
    head: Head | None = None
    framing = NO_BODY
    keep = False
    leftover = b""
    surplus = False

    def __init__(self, method: str, *, upgrade: bool = False, limit: int) -> None:
        self._method = method
        self._upgrade = upgrade
        self._limit = limit
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._fields: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []

    def done(self) -> bool:
        """Whether the answer is whole."""
        return self.stage is DONE

    def feed(self, data: bytes) -> None:
        """Read the next bytes."""
        if self.stage is HEAD:
            data = self._read_heads(data)
            if not data:
                return
        if self.stage is BODY:
            ends = self.framing.ends
            if ends is LENGTH:
                self._count(data)
            elif ends is CHUNKED:
                self._unchunk(data)
            else:
                self._pieces.append(data)
        elif self.stage is SWITCHED:
            self.leftover += data
        else:
            self.surplus = True

    def eof(self) -> None:
        """Take note that no more bytes come."""
        if self.stage is BODY and self.framing.ends is CLOSE:
            self._end()
        elif self.stage in {HEAD, BODY}:
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
        while data and self.stage is HEAD:
            seen = len(self._unparsed)
            if seen:
                data = self._unparsed + data
            end = data.find(HEAD_END, seen - 3 if seen > 3 else 0) + len(HEAD_END)
            whole = end >= len(HEAD_END)
            head = data[:end] if whole else data
            if len(head) > self._limit:
                raise UpstreamInvalid("a head too large")
            self._parse(head[seen:] if seen else head)
            # llhttp and the first empty line must agree where a head ends.
            if whole != self._complete:
                raise UpstreamInvalid("a head whose end is not clear")
            if not whole:
                self._unparsed = data
                return b""
            self._unparsed = b""
            data = data[end:]
            self._judge(head)
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

    def _judge(self, written: bytes) -> None:
        """Judge a whole head and find out where the body ends."""
        parser, found = self._parser, self._fields
        if parser is None:
            raise RuntimeError("a head is judged once")
        if len(found) > MOST_FIELDS:
            raise UpstreamInvalid("too many fields")
        if not fields.clean(written):
            raise UpstreamInvalid("a control character in the head")
        status = parser.get_status_code()
        reason = written[REASON_AT : written.find(LINE_END)]
        head = Head(parser.get_http_version(), status, reason, tuple(found))
        answer.check_line(head)
        if status < answer.FIRST_STATUS:
            if status != answer.SWITCHING:
                self._skip(head)
                return
            if not self._upgrade:
                raise UpstreamInvalid("a 101 nobody asked for")
            self.stage = SWITCHED
            self._parser = None
        else:
            self.framing = framing = answer.framing(head, self._method)
            self.keep = answer.persistent(head, framing)
            if framing.ends is NOTHING or framing.length == 0:
                self.stage = DONE
                self._parser = None
            else:
                self.stage = BODY
                self._left = framing.length or 0
                if framing.ends is not CHUNKED:
                    # Parser and reader know each other; let go of, both are freed at once.
                    self._parser = None
        self.head = head

    def _skip(self, head: Head) -> None:
        self._interim += 1
        if self._interim > MOST_INTERIM or not FRAMING.isdisjoint(head.named):
            raise UpstreamInvalid("interim answers without end, or with a body")
        self._fields = []
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
        self.stage = DONE
        self._parser = None

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Notice a second answer behind the first."""
        if self.stage is not HEAD:
            self.surplus = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a field; trailers are forgotten, because nothing that is relayed uses them."""
        if self.stage is HEAD:
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
        if self.stage is BODY:
            self._pieces.append(body)
        else:
            self.surplus = True

    def on_message_complete(self) -> None:
        """Take note of a chunked body's end."""
        if self.stage is BODY:
            self.stage = DONE
