"""Puts a script into the head of a page, before any of the page's own. Pure.

A kind asks for it where a server's page would not work without; see `Kind.page_script`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.proxy import fields
from gateway.proxy.scrub import HTML

if TYPE_CHECKING:
    from gateway.proxy.fields import Named

HEAD = re.compile(rb"<head(?:\s[^>]*)?>", re.IGNORECASE)
"""Where scripts of a page can stand first (HTML, "The head element")."""

LOOKED_THROUGH = 16 * 2**10
"""Bytes in which a page's head begins, or it is passed on as it is."""

GOOD = range(200, 300)


def for_answer(script: bytes, status: int, named: Named) -> Inserter | None:
    """Return what puts `script` into an answer of this status with these fields; None where it is no page, or
    one in a coding.
    """
    kinds = named.get(b"content-type")
    if not script or status not in GOOD or kinds is None:
        return None
    if not all(kind.lower().startswith(HTML) for kind in kinds):
        return None
    if fields.is_coded(named):
        return None
    return Inserter(script)


class Inserter:
    """Inserts once. Holds back the page's first bytes until its head has begun."""

    def __init__(self, script: bytes) -> None:
        self._script = script
        self._held = b""
        self._done = False

    def feed(self, data: bytes) -> bytes:
        """Return what of the page can be sent on by now."""
        if self._done:
            return data
        self._held += data
        found = HEAD.search(self._held)
        if found is not None:
            self._done = True
            whole, self._held = self._held, b""
            return whole[: found.end()] + self._script + whole[found.end() :]
        return self.end() if len(self._held) > LOOKED_THROUGH else b""

    def end(self) -> bytes:
        """Return what was held back: the page has no head."""
        self._done = True
        rest, self._held = self._held, b""
        return rest
