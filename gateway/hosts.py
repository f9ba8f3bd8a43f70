"""Which names this gateway answers to. Pure.

A page anywhere can make a name of its own point at 127.0.0.1 and so reach, as its own site, what listens
there (DNS rebinding). What trusts everyone on this machine therefore answers only to the machine's own names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config import is_loopback

if TYPE_CHECKING:
    from gateway.proxy.fields import Named

FIELDS_REMEMBERED = 256
"""Different Host fields; visitors use few."""


@dataclass(frozen=True, slots=True)
class Hosts:
    """`names` besides those of the loopback address, and all below `domain`; None allows every name."""

    names: frozenset[str] | None = frozenset()
    domain: str = ""

    @classmethod
    def of_machine(cls, public_url: str, session_domain: str = "") -> Hosts:
        """Return the machine's own names, the host of `public_url` and those of sessions."""
        public = urlsplit(public_url).hostname
        return cls(frozenset({public}) if public else frozenset(), session_domain)

    def admit(self, named: Named) -> bool:
        """Return whether a request with these fields by name asks for us."""
        if self.names is None:
            return True
        found = named.get(b"host")
        return self.allow(found[0].decode("latin-1") if found else "")

    def allow(self, field: str) -> bool:
        """Return whether a Host field (RFC 9110 section 7.2), with or without a port, names us."""
        return self.names is None or _is_one_of(self.names, self.domain, field)


@lru_cache(FIELDS_REMEMBERED)
def _is_one_of(names: frozenset[str], domain: str, field: str) -> bool:
    try:
        host = urlsplit(f"//{field}").hostname if field else None
    except ValueError:  # brackets around what is no address
        return False
    if host is None:
        return False
    below = domain != "" and host.endswith(f".{domain}")
    return is_loopback(host) or host in names or below


ANY = Hosts(None)
