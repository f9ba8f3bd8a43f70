"""Refuses requests that could be understood in two ways, before anything is done with them. Pure.

llhttp refuses most: bare line ends, folded lines, control characters, spaces before colons, conflicting
lengths. What it lets pass is refused here; the rules are those of RFC 9112 sections 2.3, 3.2 and 6.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.errors import (
    BadRequest,
    CodingRefused,
    ExpectationRefused,
    HeadTooLarge,
    MethodRefused,
    VersionRefused,
)
from gateway.proxy import fields

if TYPE_CHECKING:
    from gateway.proxy.fields import Fields, Named

HEAD_LIMIT = 65_536
"""Bytes of target and fields together; single lines and their number are limited by the parser."""

HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::[0-9]{1,5})?")
"""A host and perhaps a port (RFC 9110 section 7.2), of the characters that real names have."""

ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)

LENGTH_DIGITS = 18
"""Digits of a length that still fits everywhere."""

VERSIONS = frozenset({(1, 0), (1, 1)})

REFUSED_METHODS = frozenset({"TRACE", "CONNECT"})


def check(version: tuple[int, int], method: str, target: bytes, headers: Fields) -> bytes:
    """Return the target in origin form (`/path?query`, or `*`).

    Raises BadRequest or one of its kind; the connection must be closed then.
    """
    size = len(target) + sum(len(name) + len(value) + 4 for name, value in headers)
    return check_named(version, method, target, fields.by_name(headers), size)


def check_named(version: tuple[int, int], method: str, target: bytes, named: Named, size: int) -> bytes:
    """Do the same with the fields by name, for a head of `size` bytes."""
    if version not in VERSIONS:
        raise VersionRefused(f"HTTP/{version[0]}.{version[1]}")
    if method in REFUSED_METHODS:
        raise MethodRefused(method)
    if size > HEAD_LIMIT:
        raise HeadTooLarge(f"more than {HEAD_LIMIT} bytes")
    host = _host(version, named)
    if b"transfer-encoding" in named:
        _check_coding(version, named)
    if target.startswith(b"/") or (target == b"*" and method == "OPTIONS"):
        return target
    absolute = ABSOLUTE.fullmatch(target)
    if absolute is None or absolute[1].lower() != host.lower():
        raise BadRequest("the target names another host than the Host field")
    return absolute[2] if absolute[2].startswith(b"/") else b"/" + absolute[2]


def length(named: Named) -> int:
    """Return what Content-Length says, 0 where there is none (RFC 9110 section 8.6). Raises BadRequest."""
    found = named.get(b"content-length")
    if found is None:
        return 0
    # llhttp refuses most of this; a relay of its own opinion needs no second one to agree with it.
    if len(found) > 1 or not found[0].isdigit() or len(found[0]) > LENGTH_DIGITS:
        raise BadRequest("not exactly one good Content-Length")
    return int(found[0])


def _host(version: tuple[int, int], named: Named) -> bytes:
    hosts = named.get(b"host", ())
    if not hosts and version == (1, 0):
        return b""
    if len(hosts) != 1 or not HOST.fullmatch(hosts[0]):
        raise BadRequest("not exactly one good Host field")
    return hosts[0]


def _check_coding(version: tuple[int, int], named: Named) -> None:
    codings = named[b"transfer-encoding"]
    if version == (1, 0):
        raise BadRequest("Transfer-Encoding in HTTP/1.0")
    if b"content-length" in named:
        raise BadRequest("Transfer-Encoding beside Content-Length")
    if [coding.lower() for coding in codings] != [b"chunked"]:
        raise CodingRefused("a transfer coding other than chunked")


def expects_continue(version: tuple[int, int], named: Named) -> bool:
    """Return whether the client waits for `100 Continue` before its body. Raises ExpectationRefused."""
    expectations = fields.elements(named, b"expect")
    if not expectations or version == (1, 0):
        return False
    if expectations != [b"100-continue"]:
        raise ExpectationRefused("an expectation other than 100-continue")
    return True


def ends_here(method: str, named: Named) -> bool:
    """Return whether the gateway itself is asked, by `Max-Forwards: 0` (RFC 9110 section 7.6.2)."""
    return method == "OPTIONS" and named.get(b"max-forwards") == [b"0"]
