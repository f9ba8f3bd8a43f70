"""What an instance's server answered, and where its body ends. Pure; stricter than browsers are.

The server runs a stranger's code, so an answer that two readers could read differently is refused
(RFC 9112 section 6.3), never repaired.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from gateway.errors import UpstreamInvalid
from gateway.proxy import fields

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


@dataclass(slots=True)
class Head:
    """Status line and fields of an answer. `version` is `1.0` or `1.1`."""

    version: str
    status: int
    reason: bytes
    fields: Fields
    named: Named = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.named = fields.by_name(self.fields)


def interim(status: int) -> bool:
    """Return whether an answer only precedes the real one (RFC 9110 section 15.2); 101 is final."""
    return 100 <= status < FIRST_STATUS and status != SWITCHING


def check(head: Head) -> None:
    """Raise UpstreamInvalid for a head that must not be passed on."""
    check_line(head)
    if not fields.sound(((b"", head.reason), *head.fields)):
        raise UpstreamInvalid("a control character in the head")


def check_line(head: Head) -> None:
    """Do the same for version and status alone."""
    if head.version not in VERSIONS:
        raise UpstreamInvalid(f"HTTP version {head.version}")
    if not (FIRST_STATUS <= head.status <= LAST_STATUS or head.status == SWITCHING or interim(head.status)):
        raise UpstreamInvalid(f"status {head.status}")


def framing(head: Head, method: str) -> Framing:
    """Return where the body of an answer to `method` ends. Raises UpstreamInvalid when that is unclear."""
    named = head.named
    length = _length(named[b"content-length"]) if b"content-length" in named else None
    codings = fields.elements(named, b"transfer-encoding") if b"transfer-encoding" in named else None
    if codings:
        if length is not None:
            raise UpstreamInvalid("Transfer-Encoding beside Content-Length")
        if head.version == "1.0" or codings != [b"chunked"]:
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
    if b"connection" not in head.named:
        return True
    return b"close" not in fields.elements(head.named, b"connection")
