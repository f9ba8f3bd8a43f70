"""Reads a request's target: which session it names, and what it asks of it. Pure; bytes in, bytes out.

Nothing is decoded and nothing is normalised, so what an instance receives is what the visitor wrote. What two
readers could read differently is refused instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from config.errors import WarmgateError  # noqa: TC001 - mypyc evaluates a dataclass's annotations
from gateway.errors import BadRequest, SessionUnknown

USER = b"/user/"

SESSION_ID = re.compile(rb"[a-z2-7]{26}")
"""128 bits in lower-case base32."""

REFUSED_BYTE = re.compile(rb"[\x00-\x20\x7f-\xff#]")
"""Never in a request target (RFC 3986 section 3.3, RFC 9112 section 3.2), though parsers let some pass."""

BACKSLASH = b"\\"
"""A slash to some readers. Only in the path: browsers leave it as it is in a query."""

REFUSED_CODE = re.compile(rb"%(?:2[fF]|5[cC]|[01][0-9a-fA-F]|7[fF]|(?![0-9a-fA-F]{2}))")
"""Encoded slash, backslash and control characters, and percent signs that encode nothing."""

DOT_SEGMENT = re.compile(rb"/(?:\.|%2[eE]){1,2}(?:/|$)")

SEGMENT = rb"[!$&-\-0-;=@-Z_a-z~][!$&-.0-;=@-Z_a-z~]*+"
PLAIN = re.compile(
    rb"/user/([a-z2-7]{26})/((?:%b(?:/%b)*/?)?)(\?[!$&-;=?@-Z\[-\]_a-z~]*+)?" % (SEGMENT, SEGMENT)
)
"""Most targets: nothing encoded, no empty and no dotted segment. What does not match is looked at closely."""

TOKEN_NAME = b"token"


class SessionPath(NamedTuple):
    """`/user/<id>/<rest>`. `query` keeps its `?`; both are as they were written."""

    id: str
    rest: bytes
    query: bytes = b""

    def __repr__(self) -> str:
        """Return it without what is secret: the id, and whatever a query holds."""
        return f"SessionPath(rest={self.rest!r})"


@dataclass(frozen=True, slots=True)
class SlashMissing:
    """`/user/<id>` alone. `location` is where the visitor meant to go."""

    id: str = field(repr=False)
    location: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Other:
    """Not a session's path. `target` has the public prefix taken off."""

    target: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A path under `/user/` that names no session exactly; reaches no instance."""

    error: WarmgateError


Place = SessionPath | SlashMissing | Other | Refused


def parse(target: bytes, public_prefix: str = "") -> Place:
    """Return what a request target in origin form (`/path?query`) names.

    `public_prefix` is empty or `/path`; a proxy in front may or may not have taken it off already.
    """
    plain = None if public_prefix else PLAIN.fullmatch(target)
    if plain is None:
        return _read_closely(target, public_prefix)
    named, rest, query = plain.groups(b"")
    return SessionPath(named.decode("ascii"), rest, without_token(query) if query else query)


def _read_closely(target: bytes, public_prefix: str) -> Place:
    prefix = public_prefix.encode("ascii")
    local = target
    if prefix and target.startswith(prefix) and target[len(prefix) : len(prefix) + 1] in {b"", b"/", b"?"}:
        local = target[len(prefix) :]
        if not local.startswith(b"/"):
            local = b"/" + local
    path, mark, query = local.partition(b"?")
    if not path.startswith(USER):
        return Other(local)
    if REFUSED_BYTE.search(local):
        return Refused(BadRequest("a byte that no request target may hold"))
    named, slash, rest = path[len(USER) :].partition(b"/")
    if not SESSION_ID.fullmatch(named):
        return Refused(SessionUnknown("the path holds no session id"))
    # Checked behind the id only after the id is exact: `/user/<id>/../<other>/` must name nobody.
    if b"//" in path or BACKSLASH in path or REFUSED_CODE.search(path) or DOT_SEGMENT.search(path):
        return Refused(SessionUnknown("the path can be read in two ways"))
    session_id = named.decode("ascii")
    query = without_token(mark + query)
    if not slash:
        return SlashMissing(session_id, f"{public_prefix}{path.decode()}/{query.decode()}")
    return SessionPath(session_id, rest, query)


def without_token(query: bytes) -> bytes:
    """Return a query (with its `?`, or empty) without parameters named `token`, however that is spelled."""
    if b"%" not in query and TOKEN_NAME not in query:
        return query
    parts = query[1:].split(b"&")
    kept = [part for part in parts if not _is_token(part)]
    if len(kept) == len(parts):
        return query
    return b"?" + b"&".join(kept) if kept else b""


def _is_token(part: bytes) -> bool:
    return unquote_to_bytes(part.partition(b"=")[0]) == TOKEN_NAME
