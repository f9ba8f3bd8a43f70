"""Writes the heads that cross the gateway, anew in both directions. Pure; bytes in, bytes out.

Whatever belongs to one connection, to the gateway or to the whole origin is taken out; framing is never
copied but made from what was understood. The rest keeps its bytes, its order and its repetitions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from gateway.errors import BadRequest
from gateway.proxy import fields, rewrites
from gateway.proxy.fields import FRAMING, HOP_BY_HOP, Fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.proxy.answer import Head
    from gateway.proxy.origins import Origins
    from gateway.proxy.visitor import Visitor
    from pool.upstream import Upstream

PSEUDONYM = b"warmgate"
"""What `Via` calls the gateway (RFC 9110 section 7.6.3); added to requests, where a gateway must."""

ASKED_OF_US = frozenset(
    {b"authorization", b"cookie", b"expect", b"forwarded", b"host", b"x-real-ip", b"x-scheme"}
)
"""Request fields that were meant for the gateway, or that it writes itself."""

FORWARDED_PREFIX = b"x-forwarded-"

PLAIN = frozenset({b"accept-encoding", b"if-range", b"range"})
"""Left out where a page must come whole and readable."""

WHOLE_ORIGIN = frozenset(
    {
        b"access-control-allow-credentials",
        b"access-control-allow-headers",
        b"access-control-allow-methods",
        b"access-control-allow-origin",
        b"access-control-allow-private-network",
        b"access-control-expose-headers",
        b"access-control-max-age",
        b"alt-svc",
        b"authentication-info",
        b"clear-site-data",
        b"content-security-policy-report-only",
        b"nel",
        b"referrer-policy",
        b"report-to",
        b"reporting-endpoints",
        b"service-worker-allowed",
        b"set-cookie",
        b"set-cookie2",
        b"strict-transport-security",
        b"www-authenticate",
        b"x-accel-charset",
        b"x-accel-expires",
        b"x-accel-limit-rate",
        b"x-accel-redirect",
        b"x-frame-options",
        b"x-lighttpd-send-file",
        b"x-robots-tag",
        b"x-sendfile",
    }
)
"""Response fields that would speak for every session of the origin, ask for a log-in that leads nowhere, or
command the proxy in front (nginx obeys `X-Accel-Redirect` from whatever is behind it)."""

RESPONSE_OUT = HOP_BY_HOP | FRAMING | WHOLE_ORIGIN

BODY_BOUND = frozenset(
    {b"accept-ranges", b"content-digest", b"content-md5", b"digest", b"etag", b"repr-digest"}
)
"""True of the body as the server wrote it; left out where something was taken out of the body."""

HANDSHAKE = (
    b"date",
    b"sec-websocket-accept",
    b"sec-websocket-extensions",
    b"sec-websocket-protocol",
    b"server",
)
"""All of a 101 that is passed on."""

LOCATIONS = frozenset({b"content-location", b"location"})

SWITCH = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


@dataclass(frozen=True, slots=True)
class HeadRules:
    """The rules for one session, compiled once so that a request costs one pass over its fields."""

    authority: bytes
    base: bytes = field(repr=False)
    public: bytes = field(repr=False)
    credential: bytes = field(repr=False)
    request_out: frozenset[bytes]
    origins: Origins
    outside: bytes
    """What every answer says to the browser."""

    @classmethod
    def of(cls, upstream: Upstream, origins: Origins) -> Self:
        """Compile the rules for one instance's server."""
        names = frozenset(name.lower().encode() for name, _ in upstream.credential)
        own = [(name.encode(), value.encode("latin-1")) for name, value in upstream.credential]
        if upstream.base_path != upstream.public_path:
            own.append((b"X-Forwarded-Prefix", upstream.public_path.rstrip("/").encode()))
        outside = [
            (b"Content-Security-Policy", origins.frame_ancestors.encode()),
            (b"Referrer-Policy", b"same-origin"),
            (b"X-Robots-Tag", b"noindex"),
        ]
        return cls(
            authority=upstream.origin.removeprefix("http://").encode(),
            base=upstream.base_path.encode(),
            public=upstream.public_path.encode(),
            credential=fields.lines(own),
            request_out=HOP_BY_HOP | FRAMING | ASKED_OF_US | names,
            origins=origins,
            outside=fields.lines(outside),
        )

    def request(
        self,
        method: str,
        target: bytes,
        headers: Fields,
        visitor: Visitor,
        *,
        named: fields.Named | None = None,
        version: tuple[int, int] = (1, 1),
        framing: bytes = b"",
        upgrade: bool = False,
        plain: bool = False,
    ) -> bytes:
        """Return the head that goes to the instance; `target` is relative to the server's base.

        `named` are the headers by name, if known, `framing` is empty or one field line, `upgrade` asks for a websocket, `plain` for an uncoded body.
        Raises BadRequest for a control character in a field.
        """
        if not fields.sound(headers):
            raise BadRequest("a control character in the head")
        named = fields.by_name(headers) if named is None else named
        out = self.request_out
        if b"connection" in named:
            out = out.union(fields.elements(named, b"connection"))
        if plain:
            out |= PLAIN
        kept = []
        for name, value in headers:
            low = name.lower()
            if b"_" in low:
                # Many programs read `X_Real_IP` as `X-Real-IP`.
                low = low.replace(b"_", b"-")
            if low in out or low.startswith(FORWARDED_PREFIX):
                continue
            if low == b"max-forwards" and method == "OPTIONS" and value.isdigit():
                # One hop less, as RFC 9110 section 7.6.2 asks; zero never comes this far.
                kept.append(b"%b: %d\r\n" % (name, max(0, int(value[:9]) - 1)))
                continue
            kept.append(b"%b: %b\r\n" % (name, value))
        host = visitor.host or self.authority
        return b"".join(
            (
                b"%b %b%b HTTP/1.1\r\nHost: %b\r\n" % (method.encode("ascii"), self.base, target, host),
                *kept,
                self.credential,
                b"X-Forwarded-For: %b\r\nX-Forwarded-Proto: %b\r\n"
                b"X-Forwarded-Host: %b\r\nX-Forwarded-Port: %b\r\nX-Real-IP: %b\r\nVia: %d.%d %b\r\n"
                % (
                    visitor.address,
                    visitor.scheme,
                    host,
                    visitor.port,
                    visitor.address,
                    *version,
                    PSEUDONYM,
                ),
                b"Accept-Encoding: identity\r\n" if plain else b"",
                SWITCH if upgrade else b"",
                framing,
                b"\r\n",
            )
        )

    def response(
        self,
        head: Head,
        *,
        origin: str | None,
        host: bytes,
        date: Callable[[], bytes],
        framing: bytes = b"",
        changed: bool = False,
    ) -> bytes:
        """Return the head that goes to the visitor, for a `head` that has been checked.

        `origin` and `host` are the request's fields, `framing` the field lines for length and connection,
        `date` is asked when the server told none, `changed` says that something is taken out of the body.
        """
        out = RESPONSE_OUT
        if b"connection" in head.named:
            out = out.union(fields.elements(head.named, b"connection"))
        if changed:
            out |= BODY_BOUND
        parts = [b"HTTP/1.1 %d %b\r\n" % (head.status, head.reason)]
        dated = False
        for name, value in head.fields:
            low = name.lower()
            if low in out:
                continue
            written = value
            if low == b"content-security-policy":
                written = rewrites.content_policy(value)
                if not written:
                    continue
            elif low in LOCATIONS:
                authorities = (self.authority, host.lower())
                written = rewrites.location(
                    value, authorities=authorities, public=self.public, base=self.base
                )
            elif low == b"date":
                dated = True
            parts.append(b"%b: %b\r\n" % (name, written))
        if not dated:
            parts.append(b"Date: %b\r\n" % date())
        parts.append(self.outside)
        if self.origins.allowed:
            parts.extend(f"{name}: {value}\r\n".encode() for name, value in self.origins.fields(origin))
        parts += (framing, b"\r\n")
        return b"".join(parts)

    def switching(self, head: Head) -> bytes:
        """Return the 101 that goes to the visitor, for a handshake that has been checked."""
        kept = [(name, value) for name, value in head.fields if name.lower() in HANDSHAKE]
        return b"HTTP/1.1 101 Switching Protocols\r\n" + fields.lines(kept) + SWITCH + b"\r\n"
