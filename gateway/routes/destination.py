"""Where a visitor wants to be taken once there is a notebook: the path behind `/spawn` or
`/wait/<ticket>`. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.errors import BadRequest

CLEAN = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*/?")
"""A path of plain segments as RFC 3986 writes them: none empty, none `.` or `..`."""

HIDDEN_DOTS = re.compile(r"%2e|%2f|%5c|%0[0-9a-f]|%7f", re.IGNORECASE)
"""Encoded dots, slashes and control characters: nobody means well with these in a path."""

TMPNB_USER = re.compile(r"^/user/[^/]+")

OURS = ("pool=", "token=")
"""Parts of a query that are meant for the gateway, or secret, and not for the notebook's server."""


@dataclass(frozen=True, slots=True)
class Destination:
    """`path` is empty, or begins with a slash; `query` has no question mark."""

    path: str = ""
    query: str = ""

    def under(self, base: str, entry: str) -> str:
        """Return the address below a session's base, which ends with a slash; `entry` where nothing was
        named.
        """
        return base + (self.path.lstrip("/") or entry) + (f"?{self.query}" if self.query else "")

    def after(self, address: str, pool: str) -> str:
        """Return an address of ours that leads here too, for a visitor of this pool."""
        query = f"pool={pool}" + (f"&{self.query}" if self.query else "")
        return f"{address}{self.path}?{query}"


def destination(raw: str) -> Destination:
    """Read what stands behind our own part of a raw path, as the browser wrote it. Raises BadRequest."""
    path, _, query = raw.partition("?")
    if not CLEAN.fullmatch(path) or HIDDEN_DOTS.search(path):
        raise BadRequest("the path behind our own is not plain")
    kept = [part for part in query.split("&") if part and not part.startswith(OURS)]
    # tmpnb made a container of that name; an id of ours is never used twice, so only the path is kept.
    return Destination(TMPNB_USER.sub("", path), "&".join(kept))
