"""Writes the heads that cross the gateway, anew in both directions. Pure; bytes in, bytes out.

Whatever belongs to one connection, to the gateway or to the whole origin is taken out; framing is never
copied but made from what was understood. The rest keeps its bytes, its order and its repetitions.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.errors import BadRequest
from gateway.proxy import fields, rewrites
from gateway.proxy.fields import FRAMING, HOP_BY_HOP, Fields

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

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

SWITCH = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"

COLON = b": "
LINE_END = b"\r\n"

LINES_REMEMBERED = 100
LONGEST_LINE_REMEMBERED = 500
"""Bytes of an answer's field, and how many of one session's: most say the same in each answer."""

LONGEST_NAME_REMEMBERED = 100
NAMES_REMEMBERED = 500
"""Spellings of field names; who sends more is looked up each time."""


class Verdict(StrEnum):
    """What becomes of a field, by its name."""

    KEEP = "keep"
    OUT = "out"
    COUNTED = "counted"
    POLICY = "policy"
    LOCATION = "location"


SPECIAL = {
    b"content-security-policy": Verdict.POLICY,
    b"content-location": Verdict.LOCATION,
    b"location": Verdict.LOCATION,
}


class HeadRules:
    """The rules for one session, compiled once so that a request costs one pass over its fields.

    `readable` keeps the two ends of a websocket from agreeing on extensions.
    """

    __slots__ = (
        "_answered",
        "_asked",
        "_authority",
        "_base",
        "_credential",
        "_lines",
        "_origins",
        "_outside",
        "_public",
        "_request_out",
    )

    def __init__(self, upstream: Upstream, origins: Origins, *, readable: bool = False) -> None:
        names = frozenset(name.lower().encode() for name, _ in upstream.credential)
        own = [(name.encode(), value.encode("latin-1")) for name, value in upstream.credential]
        if upstream.base_path != upstream.public_path:
            own.append((b"X-Forwarded-Prefix", upstream.public_path.rstrip("/").encode()))
        outside = [
            (b"Content-Security-Policy", origins.frame_ancestors.encode()),
            (b"Referrer-Policy", b"same-origin"),
            (b"X-Robots-Tag", b"noindex"),
        ]
        self._authority = upstream.origin.removeprefix("http://").encode()
        self._base = upstream.base_path.encode()
        self._public = upstream.public_path.encode()
        self._credential = fields.lines(own)
        self._request_out = HOP_BY_HOP | FRAMING | ASKED_OF_US | names
        if readable:
            # Messages in a coding of the two ends' own could not be judged.
            self._request_out |= {b"sec-websocket-extensions"}
        self._origins = origins
        self._outside = fields.lines(outside)
        """What every answer says to the browser."""
        self._asked: dict[bytes, Verdict] = {}
        """What becomes of a request's field, by its name as it was written; filled as names are met."""
        self._answered: dict[bytes, Verdict] = {}
        """The same for answers."""
        self._lines: dict[bytes, bytes] = {}
        """Fields of answers as the server wrote them, and as the visitor gets them."""

    def request(
        self,
        method: str,
        target: bytes,
        headers: Fields,
        visitor: Visitor,
        *,
        version: tuple[int, int] = (1, 1),
        framing: bytes = b"",
        upgrade: bool = False,
        plain: bool = False,
    ) -> bytes:
        """Return the head that goes to the instance; `target` is relative to the server's base.

        `framing` is empty or one field line, `upgrade` asks for a websocket, `plain` for an uncoded body.
        Raises BadRequest for a control character in a field.
        """
        if not fields.sound(headers):
            raise BadRequest("a control character in the head")
        asked = self.fields(method, headers, visitor, version=version, plain=plain)
        return self.head(method, target, asked, upgrade=upgrade, framing=framing)

    def head(
        self, method: str, target: bytes, asked: bytes, *, upgrade: bool = False, framing: bytes = b""
    ) -> bytes:
        """Return the same for fields that are written already."""
        switch = SWITCH if upgrade else b""
        return b"%b %b%b HTTP/1.1\r\n%b%b%b\r\n" % (
            method.encode("ascii"), self._base, target, asked, switch, framing
        )  # fmt: skip

    def fields(
        self,
        method: str,
        headers: Fields,
        visitor: Visitor,
        *,
        version: tuple[int, int] = (1, 1),
        plain: bool = False,
    ) -> bytes:
        """Return a request's fields as the instance gets them. They hold no control characters."""
        hops = frozenset(fields.elements(fields.by_name(headers), b"connection"))
        verdicts = self._asked
        kept: list[bytes] = []
        for name, value in headers:
            verdict = verdicts.get(name) or self._verdict_asked(name)
            if verdict is Verdict.OUT or (hops and name.lower() in hops) or (plain and name.lower() in PLAIN):
                continue
            if verdict is Verdict.COUNTED and method == "OPTIONS" and value.isdigit():
                # One hop less, as RFC 9110 section 7.6.2 asks; zero never comes this far.
                kept += (name, COLON, b"%d" % max(0, int(value[:9]) - 1), LINE_END)
                continue
            kept += (name, COLON, value, LINE_END)
        host = visitor.host or self._authority
        return b"".join(
            (
                b"Host: %b\r\n" % host,
                *kept,
                self._credential,
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
        options = head.values(b"connection")
        hops = frozenset(fields.listed(options)) if options else frozenset()
        known = self._lines
        written = [b"HTTP/1.1 %d %b\r\n" % (head.status, head.reason)]
        for line in head.lines:
            told = known.get(line)
            if told is None:
                told = self._line(line, host)
            if not told or ((changed or hops) and self._is_out(line, hops, changed=changed)):
                continue
            written.append(told)
        if not head.values(b"date") or b"date" in hops:
            written.append(b"Date: %b\r\n" % date())
        if self._origins.allowed:
            written.extend(f"{name}: {value}\r\n".encode() for name, value in self._origins.fields(origin))
        written += (self._outside, framing, LINE_END)
        return b"".join(written)

    def _is_out(self, line: bytes, hops: Collection[bytes], *, changed: bool) -> bool:
        name = line.partition(COLON)[0].lower()
        return name in hops or (changed and name in BODY_BOUND)

    def _line(self, line: bytes, host: bytes) -> bytes:
        """Return an answer's field as the visitor gets it, with its line end; empty if it does not."""
        name, _, value = line.partition(COLON)
        verdict = self._answered.get(name) or self._verdict_answered(name)
        if verdict is Verdict.OUT:
            written = b""
        elif verdict is Verdict.POLICY:
            policy = rewrites.content_policy(value)
            written = b"%b: %b\r\n" % (name, policy) if policy else b""
        elif verdict is Verdict.LOCATION:
            # Not remembered, because it depends on the visitor's host.
            authorities = (self._authority, host.lower())
            target = rewrites.location(value, authorities=authorities, public=self._public, base=self._base)
            return b"%b: %b\r\n" % (name, target)
        else:
            written = line + LINE_END
        if len(line) <= LONGEST_LINE_REMEMBERED:
            if len(self._lines) >= LINES_REMEMBERED:
                self._lines.clear()
            self._lines[line] = written
        return written

    def _verdict_asked(self, name: bytes) -> Verdict:
        # Many programs read `X_Real_IP` as `X-Real-IP`.
        low = name.lower().replace(b"_", b"-")
        verdict = Verdict.KEEP
        if low in self._request_out or low.startswith(FORWARDED_PREFIX):
            verdict = Verdict.OUT
        elif low == b"max-forwards":
            verdict = Verdict.COUNTED
        return _remembered(self._asked, name, verdict)

    def _verdict_answered(self, name: bytes) -> Verdict:
        low = name.lower()
        verdict = Verdict.OUT if low in RESPONSE_OUT else SPECIAL.get(low, Verdict.KEEP)
        return _remembered(self._answered, name, verdict)

    def switching(self, head: Head) -> bytes:
        """Return the 101 that goes to the visitor, for a handshake that has been checked."""
        kept = [(name, value) for name, value in head.fields if name.lower() in HANDSHAKE]
        return b"HTTP/1.1 101 Switching Protocols\r\n" + fields.lines(kept) + SWITCH + b"\r\n"


def _remembered(verdicts: dict[bytes, Verdict], name: bytes, verdict: Verdict) -> Verdict:
    if len(verdicts) < NAMES_REMEMBERED and len(name) <= LONGEST_NAME_REMEMBERED:
        verdicts[name] = verdict
    return verdict
