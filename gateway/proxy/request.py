"""Reads the head of a visitor's request, strictly. Pure: bytes in by `feed`, a head out.

Two readers must agree where a head ends: llhttp, and the first empty line. Lines that end in a bare LF, which
some readers take for line ends and others do not, are thereby refused (RFC 9112 section 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import httptools

from gateway.errors import BadRequest, HeadTooLarge, VersionRefused
from gateway.proxy import fields, guard
from gateway.proxy.fields import Fields, Named

HEAD_END = b"\r\n\r\n"
EMPTY_LINE = b"\r\n"

TARGET_LIMIT = 8190
FIELD_LIMIT = 16_380
MOST_FIELDS = 100

BAD_VERSION = "Invalid HTTP version"
"""What llhttp says; it has no error type of its own for it."""

VERSIONS = {"0.9": (0, 9), "1.0": (1, 0), "1.1": (1, 1), "2.0": (2, 0)}
"""All that llhttp reads; which of them are answered is up to `guard`."""


@dataclass(slots=True)
class RequestHead:
    """Request line and fields. `target` is in origin form, `named` holds the fields by lower-case name."""

    method: str
    target: bytes = field(repr=False)
    version: tuple[int, int]
    fields: Fields = field(repr=False)
    named: Named = field(repr=False)
    chunked: bool
    length: int
    """Bytes of a body that is not chunked; 0 also where no length is told."""
    keep_alive: bool
    """Whether the visitor means to ask more over this connection (RFC 9112 section 9.3)."""

    @property
    def has_body(self) -> bool:
        """Whether bytes of a body follow."""
        return self.chunked or self.length > 0


class RequestReader:
    """Reads one head. `rest` is what came behind it."""

    __slots__ = ("_complete", "_fields", "_held", "_parser", "_target", "rest")

    def __init__(self) -> None:
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self.rest = b""
        self._held = b""
        self._target = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._complete = False

    @property
    def begun(self) -> bool:
        """Whether anything of a request has come."""
        return bool(self._held)

    def feed(self, data: bytes) -> RequestHead | None:
        """Read the next bytes; return the head once it is whole. Raises BadRequest and its kind."""
        seen = len(self._held)
        if seen:
            data = self._held + data
        else:
            # Some clients send an empty line behind a body; it may be skipped (RFC 9112 section 2.2).
            while data.startswith(EMPTY_LINE):
                data = data[2:]
        end = data.find(HEAD_END, max(0, seen - 3))
        if end < 0:
            self._held = data
            self._parse(data[seen:])
            if self._complete:
                raise BadRequest("a head whose end is not clear")
            if len(data) > guard.HEAD_LIMIT:
                raise HeadTooLarge("a head without end")
            return None
        end += len(HEAD_END)
        size = len(data)
        self._parse(data[seen:end] if seen or end < size else data)
        if not self._complete:
            raise BadRequest("a head whose end is not clear")
        self._held = b""
        self.rest = data[end:] if end < size else b""
        return self._head(end)

    def _parse(self, data: bytes) -> None:
        if self._parser is None:
            raise RuntimeError("a reader reads one head")
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

    def _head(self, size: int) -> RequestHead:
        found = self._fields
        if size > TARGET_LIMIT:
            _check_sizes(self._target, found)
        if len(found) > MOST_FIELDS:
            raise HeadTooLarge(f"more than {MOST_FIELDS} fields")
        parser, self._parser = self._parser, None
        if parser is None:
            raise RuntimeError("a reader reads one head")
        # Parser and reader know each other; let go of, both are freed at once.
        method = parser.get_method().decode("ascii")
        version = VERSIONS.get(parser.get_http_version(), (0, 0))
        named = fields.by_name(found)
        if self.rest and version not in guard.VERSIONS:
            raise BadRequest("bytes behind a request of another version")
        target = guard.check_named(version, method, self._target, named, size)
        chunked = b"transfer-encoding" in named
        return RequestHead(
            method,
            target,
            version,
            found,
            named,
            chunked,
            0 if chunked else guard.length(named),
            _keeps_alive(version, named),
        )

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
        return version == (1, 1)
    asked = fields.elements(named, b"connection")
    return b"close" not in asked and (version == (1, 1) or b"keep-alive" in asked)
