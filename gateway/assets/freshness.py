"""How long an answer may be kept by a cache that serves many, and how old it is (RFC 9111). Pure."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from gateway.assets.asset import Refusal, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.proxy.fields import Named

UNTOLD = 86_400.0
"""Seconds an answer that tells no time is fresh (RFC 9111 section 4.2.2); other content has another name."""

FORBIDDING = frozenset({"no-cache", "no-store", "private"})
"""Also with a list of fields, which RFC 9111 section 5.2.2 lets a cache read as the whole answer."""

ALLOWING = frozenset({"immutable", "public"})
"""Enough to keep an answer that tells no time (RFC 9111 section 3, RFC 8246)."""

DIRECTIVE = re.compile(
    r'[ \t,]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:=("(?:[^"\\]|\\.)*"|[^\s",;]*))?[ \t]*(?=,|$)'
)

SECONDS = re.compile(r"[0-9]{1,10}")


def lifetime(named: Named) -> float:
    """Return the seconds an answer stays fresh in a shared cache (RFC 9111 sections 3 and 4.2.1).

    Raises Refused where it may not be kept, or says nothing that can be relied on.
    """
    if b"cache-control" not in named:
        if b"pragma" in named:
            raise Refused(Refusal.CACHE_CONTROL)
        return _by_date(named)
    told = _directives(named)
    if not FORBIDDING.isdisjoint(told):
        raise Refused(Refusal.CACHE_CONTROL)
    for name in ("s-maxage", "max-age"):
        if name in told:
            return _seconds(told[name])
    if ALLOWING.isdisjoint(told):
        raise Refused(Refusal.CACHE_CONTROL)
    return _by_date(named)


def age(named: Named, *, now: float, delay: float) -> float:
    """Return the seconds since an answer was made, when it arrived (RFC 9111 section 4.2.3).

    `now` is Unix time, `delay` the seconds between request and answer.
    """
    told = _one(named, b"age")
    ages = [0.0 if told is None else _seconds(told) + delay]
    if (date := instant(_one(named, b"date"))) is not None:
        ages.append(now - date)
    return max(ages)


def instant(text: str | None) -> float | None:
    """Return the Unix time that a date field tells (RFC 9110 section 5.6.7); None when it tells none."""
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _by_date(named: Named) -> float:
    if b"expires" not in named:
        return UNTOLD
    expires, date = instant(_one(named, b"expires")), instant(_one(named, b"date"))
    # A time that cannot be read is past (RFC 9111 section 5.3).
    return 0.0 if expires is None or date is None else expires - date


def _directives(named: Named) -> Mapping[str, str]:
    """Return the directives of Cache-Control; one that is told twice, or unreadable, refuses the answer."""
    text = b",".join(named[b"cache-control"]).decode("latin-1")
    told: dict[str, str] = {}
    at = 0
    while at < len(text.rstrip(" \t,")):
        found = DIRECTIVE.match(text, at)
        if found is None or found[1].lower() in told:
            raise Refused(Refusal.CACHE_CONTROL)
        told[found[1].lower()] = (found[2] or "").strip('"')
        at = found.end()
    return told


def _seconds(text: str) -> float:
    if not SECONDS.fullmatch(text):
        raise Refused(Refusal.CACHE_CONTROL)
    return float(text)


def _one(named: Named, name: bytes) -> str | None:
    values = named.get(name)
    return None if values is None else values[0].decode("latin-1")
