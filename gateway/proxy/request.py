"""Reads the heads of a visitor's requests, strictly. Pure: bytes in by `feed`, heads out.

Two readers must agree where a head ends: llhttp, and the first empty line. Lines that end in a bare LF, which
some readers take for line ends and others do not, are thereby refused (RFC 9112 section 2.2).

A browser sends the same fields again and again over a connection. A header section whose very bytes llhttp
has read before is not read once more: only the request line is, by a pattern stricter than llhttp.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httptools

from gateway.errors import BadRequest, HeadTooLarge, VersionRefused
from gateway.proxy import fields, framing, guard
from gateway.proxy.fields import HEAD_END, LINE_END

if TYPE_CHECKING:
    from gateway.proxy.fields import Fields, Named
    from gateway.proxy.written import Written

TARGET_LIMIT = 8190
FIELD_LIMIT = 16_380
MOST_FIELDS = 100

USUAL_LINE = re.compile(rb"(GET|HEAD|POST|PUT|PATCH|DELETE) (/[!-~]{0,%d}) HTTP/1\.1" % (TARGET_LIMIT - 1))

SECTIONS_REMEMBERED = 4
"""Header sections of one connection; pages alternate between few."""

BAD_VERSION = "Invalid HTTP version"
"""What llhttp says; it has no error type of its own for it."""

HTTP_1_1 = (1, 1)
VERSIONS = {"0.9": (0, 9), "1.0": (1, 0), "1.1": HTTP_1_1, "2.0": (2, 0)}
"""All that llhttp reads; which of them are answered is up to `guard`."""


class HeaderSection:
    """The fields of a request and what follows from them alone. `named` holds them by lower-case name."""

    __slots__ = ("chunked", "fields", "framing", "keep_alive", "length", "named", "relayed")

    def __init__(self, version: tuple[int, int], found: Fields, named: Named) -> None:
        self.fields = found
        self.named = named
        self.chunked = b"transfer-encoding" in named
        self.length = 0 if self.chunked else guard.length(named)
        """Bytes of a body that is not chunked; 0 also where no length is told."""
        self.framing = framing.CHUNKED if self.chunked else b""
        """The field that tells the instance where the body ends; perhaps empty."""
        if b"content-length" in named:
            self.framing = framing.of_length(self.length)
        self.keep_alive = _keeps_alive(version, named)
        """Whether the visitor means to ask more over this connection (RFC 9112 section 9.3)."""
        self.relayed: Written | None = None
        """The fields as an instance got them last; kept by the relay to use again."""


class RequestHead:
    """Request line and fields. `target` is in origin form."""

    __slots__ = ("method", "section", "target", "version")

    def __init__(self, method: str, target: bytes, version: tuple[int, int], section: HeaderSection) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.section = section

    @property
    def named(self) -> Named:
        """The fields by lower-case name."""
        return self.section.named

    @property
    def has_body(self) -> bool:
        """Whether bytes of a body follow."""
        return self.section.chunked or self.section.length > 0


class RequestReader:
    """Reads one head after the other. `rest` is what came behind the last one."""

    __slots__ = ("_complete", "_fields", "_held", "_parser", "_sections", "_target", "rest")

    def __init__(self) -> None:
        self.rest = b""
        self._held = b""
        self._parser: httptools.HttpRequestParser | None = None
        self._sections: dict[bytes, HeaderSection] = {}

    @property
    def begun(self) -> bool:
        """Whether a part of a head has come."""
        return bool(self._held)

    def feed(self, data: bytes) -> RequestHead | None:
        """Read the next bytes; return the head once it is whole. Raises BadRequest and its kind."""
        seen = len(self._held)
        if seen:
            data = self._held + data
        else:
            # Some clients send an empty line behind a body; it may be skipped (RFC 9112 section 2.2).
            while data.startswith(LINE_END):
                data = data[2:]
        end = data.find(HEAD_END, max(0, seen - 3))
        if end < 0:
            self._held = data
            if data:
                self._parse(data[seen:])
                if self._complete:
                    raise BadRequest("a head whose end is not clear")
            if len(data) > guard.HEAD_LIMIT:
                raise HeadTooLarge("a head without end")
            return None
        end += len(HEAD_END)
        self.rest = data[end:]
        line_end = data.find(LINE_END)
        written = data[line_end:end]
        if not seen and (known := self._sections.get(written)) is not None:
            line = USUAL_LINE.fullmatch(data, 0, line_end)
            if line is not None:
                return RequestHead(line[1].decode("ascii"), line[2], HTTP_1_1, known)
        self._held = b""
        return self._read(data[:end], seen, written)

    def _read(self, data: bytes, seen: int, written: bytes) -> RequestHead:
        self._parse(data[seen:])
        parser, self._parser = self._parser, None
        if parser is None or not self._complete:
            raise BadRequest("a head whose end is not clear")
        if not fields.clean(data):
            raise BadRequest("a control character in the head")
        found = self._fields
        if len(data) > TARGET_LIMIT:
            _check_sizes(self._target, found)
        if len(found) > MOST_FIELDS:
            raise HeadTooLarge(f"more than {MOST_FIELDS} fields")
        method = parser.get_method().decode("ascii")
        version = VERSIONS.get(parser.get_http_version(), (0, 0))
        if self.rest and version not in guard.VERSIONS:
            raise BadRequest("bytes behind a request of another version")
        named = fields.by_name(found)
        target = guard.check_named(version, method, self._target, named, len(data))
        section = HeaderSection(version, found, named)
        # Behind an empty line that came by itself, what was written begins with the request line.
        if version == HTTP_1_1 and not data.startswith(LINE_END):
            if len(self._sections) >= SECTIONS_REMEMBERED:
                self._sections.clear()
            self._sections[written] = section
        return RequestHead(method, target, version, section)

    def _parse(self, data: bytes) -> None:
        if self._parser is None:
            self._target = b""
            self._fields: list[tuple[bytes, bytes]] = []
            self._complete = False
            self._parser = httptools.HttpRequestParser(self)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # A wish for another protocol without a body: the head is whole. Who follows is not for llhttp.
            pass
        except httptools.HttpParserError as error:
            # Its text may quote the request, which may hold a session's id.
            if BAD_VERSION in str(error):
                raise VersionRefused("not a version of HTTP") from None
            raise BadRequest(type(error).__name__) from None

    # What the parser calls.

    def on_url(self, piece: bytes) -> None:
        """Collect the target, which may come in pieces."""
        self._target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a field."""
        self._fields.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """Take note of the head's end."""
        self._complete = True


def _check_sizes(target: bytes, found: Fields) -> None:
    if len(target) > TARGET_LIMIT or any(len(name) + len(value) > FIELD_LIMIT for name, value in found):
        raise HeadTooLarge("a line too long")


def _keeps_alive(version: tuple[int, int], named: Named) -> bool:
    if b"connection" not in named:
        return version == HTTP_1_1
    asked = fields.elements(named, b"connection")
    return b"close" not in asked and (version == HTTP_1_1 or b"keep-alive" in asked)
