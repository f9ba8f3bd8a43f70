"""Reads one answer from a server's bytes, strictly. Pure: bytes in by `feed`, what they mean in attributes.

Where a length is told, or the end of the connection is the end of the body, bytes pass without a second look.
aiohttp's client reads answers leniently, resends requests by rules of its own and drops header bytes that are
not UTF-8.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.errors import InstanceUnreachable, UpstreamInvalid
from gateway.proxy import answer
from gateway.proxy.answer import Ends, Framing
from gateway.proxy.answer_head import HeadReader, read_plain
from gateway.proxy.body import ChunkedBody
from gateway.proxy.fields import FRAMING

if TYPE_CHECKING:
    from gateway.proxy.answer import Head

MOST_INTERIM = 8
"""Answers of the 1xx kind before the real one; servers send one at most."""

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
    _reading: HeadReader | None = None
    _chunked: ChunkedBody | None = None
    _interim = 0
    _left = 0
    _body = b""
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

    def done(self) -> bool:
        """Whether the answer is whole."""
        return self.stage is DONE

    def feed(self, data: bytes) -> None:
        """Read the next bytes."""
        while self.stage is HEAD:
            data = self._read_head(data)
            if not data:
                return
        if self.stage is BODY:
            ends = self.framing.ends
            if ends is LENGTH:
                self._count(data)
            elif ends is CHUNKED:
                self._unchunk(data)
            else:
                self._body += data
        elif self.stage is SWITCHED:
            self.leftover += data
        else:
            self.surplus = True

    def eof(self) -> None:
        """Take note that no more bytes come."""
        if self.stage is BODY and self.framing.ends is CLOSE:
            self.stage = DONE
        elif self.stage in {HEAD, BODY}:
            raise InstanceUnreachable(f"connection lost before the end of the {self.stage}")

    def take(self) -> bytes:
        """Return what is there of the body, and forget it."""
        body, self._body = self._body, b""
        return body

    def _read_head(self, data: bytes) -> bytes:
        """Read a head, perhaps one of several; return what came behind it."""
        reading = self._reading
        if reading is None:
            plain = read_plain(data, self._limit)
            if plain is not None:
                self._judge(plain[0])
                return data[plain[1] :]
            self._reading = reading = HeadReader(self._limit)
        head = reading.feed(data)
        if head is None:
            return b""
        self._reading = None
        self._judge(head)
        return reading.rest

    def _judge(self, head: Head) -> None:
        """Judge a whole head and find out where the body ends."""
        answer.check_line(head)
        if head.status >= answer.FIRST_STATUS:
            self.framing = framing = answer.framing(head, self._method)
            self.keep = answer.persistent(head, framing)
            if framing.ends is NOTHING or framing.length == 0:
                self.stage = DONE
            else:
                self.stage = BODY
                self._left = framing.length or 0
        elif head.status == answer.SWITCHING:
            if not self._upgrade:
                raise UpstreamInvalid("a 101 nobody asked for")
            self.stage = SWITCHED
        else:
            self._interim += 1
            if self._interim > MOST_INTERIM or not FRAMING.isdisjoint(head.named):
                raise UpstreamInvalid("interim answers without end, or with a body")
            return
        self.head = head

    def _count(self, data: bytes) -> None:
        left = self._left - len(data)
        if left < 0:
            self.surplus = True
            data = data[:left]
        self._left = left
        self._body = self._body + data if self._body else data
        if left <= 0:
            self.stage = DONE

    def _unchunk(self, data: bytes) -> None:
        chunked = self._chunked
        if chunked is None:
            self._chunked = chunked = ChunkedBody(UpstreamInvalid, self._limit)
        try:
            self._body += chunked.feed(data)
        except UpstreamInvalid:
            self._body += chunked.take()
            raise
        if chunked.done:
            self.surplus = chunked.torn
            self.stage = DONE
