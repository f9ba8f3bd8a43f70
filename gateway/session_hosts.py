"""Where a session is met: at a path of the one host, or on a host of its own. Pure.

In host mode (`session_domain`) a session is met at `<label>.<session_domain>`, at the same path as in path
mode. The path stays what opens it: names of hosts are seen in DNS, in TLS and by proxies. The host only keeps
visitors apart, because browsers guard pages, storage and cookies by it (RFC 6454 section 3).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from gateway.errors import SessionUnknown
from gateway.proxy.paths import Other, SessionPath, SlashMissing
from gateway.proxy.visitor import host_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.proxy.paths import Place

ASSET = re.compile(rb"/assets(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+(?:\?.*)?", re.DOTALL)
"""What the error pages on a session's host load; of plain segments only."""


class PathMode:
    """All sessions are paths of one host, whichever it is called by. `prefix` is the path of `public_url`."""

    separate: ClassVar[bool] = False
    """Whether each session has a host of its own."""
    framing: tuple[str, ...] = ()
    """Origins of our own pages that frame sessions, where those are others than the session's."""
    sources = "'self'"
    """Where sessions' pages come from, as a Content-Security-Policy says it (CSP3 section 2.3.1)."""
    targets = "'self'"
    """Where a form of ours may lead, the same way: to ourselves, and from there to a session."""

    def __init__(self, prefix: str) -> None:
        self.prefix = self.main = prefix
        """What begins the addresses of our own pages, wherever they are seen from."""

    def base(self, session_id: str, label: str) -> str:  # noqa: ARG002 - no host, no label
        """Return a session's address, which ends with a slash; `label` is that of its host."""
        return f"{self.main}/user/{session_id}/"

    def check(self, asked: bytes, place: Place, label: str) -> None:
        """Let everything pass."""


class HostMode:
    """Each session is answered on a host of its own and nowhere else, and nothing else is answered there.

    `public_url` is where our own pages are, `domain` what sessions' hosts are below.
    """

    separate: ClassVar[bool] = True

    def __init__(self, public_url: str, domain: str) -> None:
        public = urlsplit(public_url)
        self.main = public_url
        self.framing = (f"{public.scheme}://{public.netloc}",)
        self._scheme = public.scheme
        self._host = domain + (f":{public.port}" if public.port else "")
        self.prefix = public.path
        self._below = f".{domain}".encode()
        self.sources = f"{public.scheme}://*.{self._host}"
        # Browsers ask this policy again where the answer to a form leads on (CSP3 section 6.4.1.2).
        self.targets = f"'self' {self.sources}"

    def base(self, session_id: str, label: str) -> str:
        """Return a session's address, which ends with a slash; `label` is that of its host."""
        return f"{self._scheme}://{label}.{self._host}{self.prefix}/user/{session_id}/"

    def check(self, asked: bytes, place: Place, label: str) -> None:
        """Raise SessionUnknown unless `place` may be answered on the host that was `asked` for.

        `label` is that of the session `place` names, if it names one.
        """
        name = host_name(asked)
        of_session = isinstance(place, SessionPath | SlashMissing)
        # The same name with the root's dot (RFC 1034 section 3.1) is a host below too, and never a session's.
        below = name.endswith((self._below, self._below + b"."))
        if not below and of_session:
            raise SessionUnknown("a session's path on a host that is not its own")
        if below and of_session and (not label or name != label.encode() + self._below):
            raise SessionUnknown("a session's path on another one's host")
        if below and isinstance(place, Other) and not ASSET.fullmatch(place.target):
            raise SessionUnknown("a path of our own on a session's host")


SessionHosts = PathMode | HostMode


def session_hosts(public_url: str, domain: str) -> SessionHosts:
    """Return the mode that `public_url` and `session_domain` ask for."""
    return HostMode(public_url, domain) if domain else PathMode(urlsplit(public_url).path)


def is_local(domain: str) -> bool:
    """Return whether browsers take all names below for their own machine (RFC 6761 section 6.3)."""
    return domain.rsplit(".", maxsplit=1)[-1] == "localhost"


def needs(public_url: str, domain: str) -> Iterator[str]:
    """Yield lines about what host mode takes outside of the gateway; none in path mode."""
    if not domain:
        return
    public = urlsplit(public_url)
    yield f"Host mode: each session has an address of its own below {domain}, which takes"
    if is_local(domain):
        yield f"  nothing else: browsers take *.{domain} for this machine by themselves"
        return
    yield f"  DNS          *.{domain} with the address of {public.hostname}"
    if public.scheme == "https":
        yield f"  certificate  one for *.{domain}, at the proxy (ACME gives it for a DNS challenge, dns-01)"
    yield f"  proxy        the Host field passed on as it came, for {public.hostname} and *.{domain}"
    yield f"  cookies      {domain} on the Public Suffix List, else one session's page can set some for all"
