"""Field values that are changed on their way out: redirects and content policies. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

WITH_AUTHORITY = re.compile(rb"(?:https?:)?//([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)

OURS = frozenset({b"frame-ancestors", b"report-uri", b"report-to"})
"""Policy directives that are the gateway's to set, or that would report a session's address elsewhere."""


def location(value: bytes, *, authorities: Container[bytes], public: bytes, base: bytes) -> bytes:
    """Return a redirect's target as the visitor's browser must see it.

    `authorities` are the names the server may know itself by, in lower case: its own address, and the host
    the visitor used. `public` and `base` are the session's path outside and inside; both begin and end with
    `/`. Targets elsewhere and relative ones stay as they are.
    """
    absolute = WITH_AUTHORITY.fullmatch(value)
    if absolute is not None:
        if absolute[1].lower() not in authorities:
            return value
        value = absolute[2] if absolute[2].startswith(b"/") else b"/" + absolute[2]
    if not value.startswith(b"/") or base == public or value.startswith(public):
        return value
    return public + value.removeprefix(base) if value.startswith(base) else value


def content_policy(value: bytes) -> bytes:
    """Return a Content-Security-Policy without the directives that are the gateway's; perhaps empty."""
    policies = []
    for policy in value.split(b","):
        kept = [
            part
            for raw in policy.split(b";")
            if (part := raw.strip()) and part.split(maxsplit=1)[0].lower() not in OURS
        ]
        if kept:
            policies.append(b"; ".join(kept))
    return b", ".join(policies)
