"""Host mode: do the hosts of sessions lead here."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.doctor.verdict import Verdict, fail, ok, warn
from gateway.session_hosts import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBJECT = "session hosts"

RESOLVE_LIMIT = 5.0
"""Seconds for one name; browsers do not wait much longer either."""


@dataclass(frozen=True, slots=True)
class Names:
    """Addresses of a host that no session has, and of our own pages; None where the resolver kept silent."""

    domain: str
    session: frozenset[str] | None
    public: frozenset[str] | None
    https: bool


def look(public_url: str, domain: str, label: str) -> Names:
    """Look up `label` below the domain: any label must do, so one that nobody has used yet shows most."""
    public = urlsplit(public_url)
    return Names(
        domain,
        session=_addresses(f"{label}.{domain}"),
        public=_addresses(public.hostname or ""),
        https=public.scheme == "https",
    )


def _addresses(name: str) -> frozenset[str] | None:
    """Return the addresses of a name; none where it has none, None where that is not known in time."""
    found: list[frozenset[str]] = []

    def ask() -> None:
        try:
            told = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno != socket.EAI_AGAIN:
                found.append(frozenset())
        else:
            found.append(frozenset(str(address[0]) for *_, address in told))

    # A call of the C library that nothing ends: as a daemon it keeps nobody from leaving.
    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(RESOLVE_LIMIT)
    return found[0] if found else None


def judge(names: Names) -> Iterator[Verdict]:
    """Say whether browsers find sessions, and what cannot be told from here."""
    every = f"*.{names.domain}"
    if is_local(names.domain):
        yield ok(SUBJECT, f"browsers take {every} for this machine by themselves")
        return
    record = f"a DNS record for {every} with the address of [gateway] public_url"
    if names.session is None:
        yield warn(SUBJECT, f"no resolver tells within {RESOLVE_LIMIT:g} s where {every} leads", record)
        return
    if not names.session:
        yield fail(SUBJECT, f"{every} has no address, so that no session is found", record)
        return
    if names.public and not names.public & names.session:
        yield warn(SUBJECT, f"{every} leads elsewhere than public_url does", record)
    else:
        yield ok(SUBJECT, f"{every} has an address")
    certificate = f" and the proxy's certificate for {every}" if names.https else ""
    yield ok(SUBJECT, f"look yourself: {names.domain} on the Public Suffix List{certificate}")
