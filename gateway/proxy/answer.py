"""What an instance's server answered, and where its body ends. Pure; stricter than browsers are.

The server runs a stranger's code, so an answer that two readers could read differently is refused
(RFC 9112 section 6.3), never repaired.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from gateway.errors import UpstreamInvalid
from gateway.proxy.fields import COLON, LINE_END, by_name, is_coded, listed, sound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.proxy.fields import Fields, Named

VERSIONS = frozenset({"1.0", "1.1"})

FIRST_STATUS = 200
LAST_STATUS = 599
SWITCHING = 101

NO_CONTENT = 204
BODILESS = frozenset({NO_CONTENT, 304})

LENGTH_DIGITS = 18
"""Digits of a length that still fits everywhere."""


class Ends(StrEnum):
    """How a reader knows that a body is over."""

    NO_BODY = "no_body"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


class Framing(NamedTuple):
    """Where a body ends. `length` is what Content-Length says, None when nothing does."""

    ends: Ends
    length: int | None = None


class Head:
    """Status line and fields of an answer. `version` is `1.0` or `1.1`.

    Made of `fields`, or of a `section` of plain form: a line end, `Name: value` and so on, a line end. Most
    answers are passed on line by line, so what else can be asked of one is found out when it is asked.
    """

    __slots__ = ("_fields", "_lower", "_named", "_section", "reason", "status", "version")

    def __init__(
        self, version: str, status: int, reason: bytes, fields: Fields | None = None, section: bytes = b""
    ) -> None:
        self.version = version
        self.status = status
        self.reason = reason
        self._fields = fields
        self._section = section
        self._lower = section.lower()
        self._named: Named | None = None

    def __eq__(self, other: object) -> bool:
        """Compare what both say."""
        if not isinstance(other, Head):
            return NotImplemented
        ours = (self.version, self.status, self.reason, tuple(self.fields))
        return ours == (other.version, other.status, other.reason, tuple(other.fields))

    def __hash__(self) -> int:
        """Return the same for heads that say the same."""
        return hash((self.version, self.status, self.reason, tuple(self.fields)))

    @property
    def fields(self) -> Fields:
        """Names and values as they were written."""
        if self._fields is None:
            parts = (line.partition(COLON) for line in self.lines)
            self._fields = tuple((name, value) for name, _, value in parts)
        return self._fields

    @property
    def named(self) -> Named:
        """Values by lower-case name."""
        if self._named is None:
            self._named = by_name(self.fields)
        return self._named

    @property
    def lines(self) -> list[bytes]:
        """The fields, each as `Name: value`."""
        if self._section:
            return self._section.split(LINE_END)[1:-1]
        return [b"%b: %b" % pair for pair in self._fields or ()]

    def values(self, name: bytes) -> Sequence[bytes]:
        """Return the values of a field by its lower-case name; quick where there is none, or one."""
        section = self._section
        if not section:
            return self.named.get(name, ())
        lower = self._lower
        if name not in lower:
            return ()
        start = LINE_END + name + COLON
        at = lower.find(start)
        if at < 0:
            return ()
        at += len(start)
        end = section.find(LINE_END, at)
        if lower.find(start, end) >= 0:
            return self.named[name]
        return (section[at:end],)


def interim(status: int) -> bool:
    """Return whether an answer only precedes the real one (RFC 9110 section 15.2); 101 is final."""
    return 100 <= status < FIRST_STATUS and status != SWITCHING


def check(head: Head) -> None:
    """Raise UpstreamInvalid for a head that must not be passed on."""
    check_line(head)
    if not sound(((b"", head.reason), *head.fields)):
        raise UpstreamInvalid("a control character in the head")


def check_line(head: Head) -> None:
    """Do the same for version and status alone."""
    if head.version not in VERSIONS:
        raise UpstreamInvalid(f"HTTP version {head.version}")
    if not (FIRST_STATUS <= head.status <= LAST_STATUS or head.status == SWITCHING or interim(head.status)):
        raise UpstreamInvalid(f"status {head.status}")


def check_plain(named: Named) -> None:
    """Raise UpstreamInvalid for a body in a coding: it was to be plain, and cannot be changed."""
    if is_coded(named):
        raise UpstreamInvalid("a coded answer where a plain one was asked for")


def framing(head: Head, method: str) -> Framing:
    """Return where the body of an answer to `method` ends. Raises UpstreamInvalid when that is unclear."""
    told = head.values(b"content-length")
    length = _length(told) if told else None
    codings = head.values(b"transfer-encoding")
    if codings:
        if length is not None:
            raise UpstreamInvalid("Transfer-Encoding beside Content-Length")
        if head.version == "1.0" or listed(codings) != [b"chunked"]:
            raise UpstreamInvalid("a transfer coding other than chunked")
    if method == "HEAD" or head.status in BODILESS:
        # A length without a body says what there would be; with 204 there is nothing to say (RFC 9110
        # section 8.6).
        return Framing(Ends.NO_BODY, None if head.status == NO_CONTENT else length)
    if codings:
        return Framing(Ends.CHUNKED)
    if length is not None:
        return Framing(Ends.LENGTH, length)
    return Framing(Ends.CLOSE)


def _length(found: Sequence[bytes]) -> int:
    digits = found[0].strip(b" \t")
    if len(found) > 1 or not digits.isdigit() or len(digits) > LENGTH_DIGITS:
        raise UpstreamInvalid("not exactly one good Content-Length")
    return int(digits)


def persistent(head: Head, body: Framing) -> bool:
    """Return whether the connection may carry another request (RFC 9112 section 9.3)."""
    if head.version != "1.1" or body.ends is Ends.CLOSE:
        return False
    told = head.values(b"connection")
    return not told or b"close" not in listed(told)
