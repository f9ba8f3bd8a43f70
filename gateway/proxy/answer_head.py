"""Reads the heads of a server's answers, strictly. Pure: bytes in, heads out.

Heads are read by httptools (llhttp, strict), which must agree with the first empty line where one ends.
Nearly all are of a plain form, though, that is stricter than what llhttp takes: those are recognised at one
glance, and their lines need not be taken apart, because most go to the visitor as they are.
"""

from __future__ import annotations

import re

import httptools

from gateway.errors import UpstreamInvalid
from gateway.proxy import fields
from gateway.proxy.answer import Head
from gateway.proxy.fields import HEAD_END, LINE_END

MOST_FIELDS = 256

REASON_AT = len(b"HTTP/1.1 200 ")
"""Where the reason phrase begins, if there is one."""

PLAIN = re.compile(
    rb"HTTP/1\.1 ([2-5][0-9]{2}) ([\t -~\x80-\xff]*+)"
    rb"(\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]++: (?=[!-~\x80-\xff])[\t -~\x80-\xff]*+(?<![ \t])\r\n)*)\r\n"
)
"""Every field `Name: value` with one space, none at its end, and a value.

The fields together are not possessive: Python before 3.11.5 does not step back from a round of such a
group that failed (gh-106052), and would end the head there.
"""


def read_plain(data: bytes, limit: int) -> tuple[Head, int] | None:
    """Return a head of the plain form that `data` begins with, and where it ends; None for any other.

    `limit` is bytes of head.
    """
    found = PLAIN.match(data)
    if found is None:
        return None
    status, reason, section = found.groups()
    end = found.end()
    if end > limit or section.count(LINE_END) > MOST_FIELDS + 1:
        return None
    return Head("1.1", int(status), reason, section=section), end


class HeadReader:
    """Reads one head of any form that is allowed; `limit` is bytes of it. `rest` is what came behind."""

    __slots__ = ("_complete", "_fields", "_limit", "_parser", "_seen", "rest")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._complete = False
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self.rest = b""

    def feed(self, data: bytes) -> Head | None:
        """Read the next bytes; return the head once it is whole. Raises UpstreamInvalid."""
        seen = len(self._seen)
        if seen:
            data = self._seen + data
        end = data.find(HEAD_END, max(0, seen - 3)) + len(HEAD_END)
        whole = end >= len(HEAD_END)
        head = data[:end] if whole else data
        if len(head) > self._limit:
            raise UpstreamInvalid("a head too large")
        self._parse(head[seen:])
        if whole != self._complete:
            raise UpstreamInvalid("a head whose end is not clear")
        if not whole:
            self._seen = data
            return None
        self.rest = data[end:]
        return self._judge(head)

    def _parse(self, data: bytes) -> None:
        if self._parser is None:
            raise RuntimeError("nothing is read behind a head")
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass
        except httptools.HttpParserError as error:
            raise UpstreamInvalid(str(error)) from None

    def _judge(self, written: bytes) -> Head:
        # Parser and reader know each other; let go of, both are freed at once.
        parser, self._parser = self._parser, None
        if parser is None or len(self._fields) > MOST_FIELDS:
            raise UpstreamInvalid("too many fields")
        if not fields.clean(written):
            raise UpstreamInvalid("a control character in the head")
        line = written.partition(LINE_END)[0]
        reason = line[REASON_AT:] if len(line) > REASON_AT else b""
        return Head(parser.get_http_version(), parser.get_status_code(), reason, tuple(self._fields))

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a field."""
        self._fields.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """Take note of the head's end."""
        self._complete = True
