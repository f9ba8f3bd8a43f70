"""Who asks: the visitor's address and the address they typed, seen through proxies that are trusted. Pure.

`X-Forwarded-*` are believed only from a peer in `trusted_proxies`. `Forwarded` and `X-Real-IP` are never
believed, because two sources could contradict each other; all of them are written anew for the instance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from gateway.errors import BadRequest
from gateway.proxy import fields
from gateway.proxy.guard import HOST

if TYPE_CHECKING:
    from gateway.proxy.fields import Named

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNKNOWN = b"unknown"
"""What stands for a peer without an address, as in RFC 7239 section 6."""

DEFAULT_PORTS = {b"http": b"80", b"https": b"443"}

PORT_SUFFIX = re.compile(r"^(?:\[(?P<six>[^\]]+)\](?::\d+)?|(?P<four>\d+\.\d+\.\d+\.\d+):\d+)$", re.ASCII)

PEERS_REMEMBERED = 1024


class Visitor(NamedTuple):
    """What an instance is told of a visitor: their address, and scheme, host and port they used."""

    address: bytes
    scheme: bytes
    host: bytes
    port: bytes


@dataclass(frozen=True, slots=True)
class Visitors:
    """Tells visitors from proxies. `public_scheme` and `public_host`, from `public_url`, win when set.

    Below `session_domain` the name that was asked for stays, with the port of `public_host`.
    """

    trusted: tuple[Network, ...] = ()
    public_scheme: bytes = b""
    public_host: bytes = b""
    session_domain: bytes = b""

    @classmethod
    def at(cls, public_url: str, session_domain: str, trusted: tuple[Network, ...]) -> Visitors:
        """Return those of a gateway with these settings."""
        public = urlsplit(public_url)
        return cls(trusted, public.scheme.encode(), public.netloc.encode(), session_domain.encode())

    def of(self, peer: str | None, named: Named, *, secure: bool = False) -> Visitor:
        """Return who sent a request that came from `peer`, an address without port; None is nobody's."""
        if not self.trusted:
            host = self._outward(_own(named))
            return _directly(peer, self.public_scheme or (b"https" if secure else b"http"), host)
        near = parse_address(peer)
        believed = self.trusts(near)
        scheme = host = port = b""
        if believed:
            # The last element is what the nearest proxy wrote, the only one known to be trusted.
            scheme = _last(named, b"x-forwarded-proto").lower()
            host = _last(named, b"x-forwarded-host")
            port = _last(named, b"x-forwarded-port")
        if scheme not in DEFAULT_PORTS:
            scheme = b"https" if secure else b"http"
        if not HOST.fullmatch(host):
            host = _own(named)
        scheme = self.public_scheme or scheme
        host = self._outward(host)
        if self.public_host or not port.isdigit():
            port = _port_of(host) or DEFAULT_PORTS[scheme]
        return Visitor(_written(self.address(peer, named)), scheme, host, port)

    def asked(self, peer: str | None, named: Named) -> bytes:
        """Return the host a request asks for, perhaps with a port: what a trusted proxy says, or its Host.

        Raises BadRequest where both name hosts of ours and not the same: whoever passes Host on and writes no
        `X-Forwarded-Host` would pass on that of any visitor's script, which led it to another one's session.
        """
        own = _own(named)
        if not self.trusted or not self.trusts(parse_address(peer)):
            return own
        told = _last(named, b"x-forwarded-host")
        if not HOST.fullmatch(told):
            return own
        if self._is_ours(own) and host_name(told) != host_name(own):
            raise BadRequest("Host and X-Forwarded-Host name two hosts")
        return told

    def _is_ours(self, host: bytes) -> bool:
        name = host_name(host)
        return name == host_name(self.public_host) or self._is_below(name)

    def _is_below(self, name: bytes) -> bool:
        return bool(self.session_domain) and name.endswith(b"." + self.session_domain)

    def _outward(self, asked: bytes) -> bytes:
        """Return the host and port a browser knows, of a request to the host `asked`."""
        if self.session_domain and self._is_below(name := host_name(asked)):
            port = _port_of(self.public_host)
            return name + b":" + port if port else name
        return self.public_host or asked

    def address(self, peer: str | None, named: Named) -> Address | None:
        """Return the peer's address; behind trusted proxies the rightmost one that is none of them, or the
        last one that could be read. None is nobody's.
        """
        client = parse_address(peer)
        if not self.trusts(client):
            return client
        for raw in reversed(fields.elements(named, b"x-forwarded-for")):
            address = parse_address(raw.decode("latin-1"))
            if address is None:
                break
            client = address
            if not self.trusts(address):
                break
        return client

    def trusts(self, address: Address | None) -> bool:
        """Return whether what a peer at this address says of others is believed."""
        return address is not None and any(address in network for network in self.trusted)


def host_name(host: bytes) -> bytes:
    """Return a host as it stands in a Host field without its port, in lower case."""
    port = _port_of(host)
    return (host[: -len(port) - 1] if port else host).lower()


@lru_cache(PEERS_REMEMBERED)
def parse_address(text: str | None) -> Address | None:
    """Return an address written with or without port and brackets; None when it is none."""
    if not text:
        return None
    if match := PORT_SUFFIX.match(text):
        text = match["six"] or match["four"]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@lru_cache(PEERS_REMEMBERED)
def _directly(peer: str | None, scheme: bytes, host: bytes) -> Visitor:
    return Visitor(_written(parse_address(peer)), scheme, host, _port_of(host) or DEFAULT_PORTS[scheme])


@lru_cache(PEERS_REMEMBERED)
def _written(address: Address | None) -> bytes:
    return str(address).encode() if address else UNKNOWN


def _own(named: Named) -> bytes:
    hosts = named.get(b"host")
    return hosts[0] if hosts else b""


def _last(named: Named, name: bytes) -> bytes:
    found = named.get(name)
    return found[-1].rpartition(b",")[2].strip(b" \t") if found else b""


def _port_of(host: bytes) -> bytes:
    _, colon, port = host.rpartition(b":")
    return port if colon and port.isdigit() else b""
