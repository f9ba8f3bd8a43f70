"""Whether a visitor has a file already: `If-None-Match`, `If-Modified-Since` (RFC 9110 section 13). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.assets.freshness import instant
from gateway.proxy.answer import Head

if TYPE_CHECKING:
    from gateway.proxy.fields import Named

TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
"""An entity tag; weak and strong ones are compared alike here (RFC 9110 section 13.1.2)."""

IN_A_304 = frozenset({b"cache-control", b"date", b"etag", b"expires", b"last-modified", b"vary"})
"""What a 304 tells (RFC 9110 section 15.4.5)."""


def has_it(asked: Named, kept: Named) -> bool:
    """Return whether the request's fields say that the visitor has what the kept answer holds."""
    if (wanted := asked.get(b"if-none-match")) is not None:
        if any(value.strip() == b"*" for value in wanted):
            return True
        found = TAG.match(kept.get(b"etag", (b"",))[0])
        return found is not None and found[1] in TAG.findall(b",".join(wanted))
    since = _instant(asked, b"if-modified-since")
    modified = _instant(kept, b"last-modified")
    return since is not None and modified is not None and modified <= since


def not_modified(head: Head) -> Head:
    """Return the head of the answer to someone who has it."""
    told = tuple((name, value) for name, value in head.fields if name.lower() in IN_A_304)
    return Head(head.version, 304, b"Not Modified", told)


def _instant(named: Named, name: bytes) -> float | None:
    values = named.get(name, ())
    # Two dates can be read in two ways, so neither counts.
    return instant(values[0].decode("latin-1")) if len(values) == 1 else None
