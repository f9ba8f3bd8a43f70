"""Writes the head of an answer as the visitor gets it. Pure; bytes in, bytes out.

Whatever belongs to one connection or speaks for the whole origin is taken out; framing is never copied but
made from what was understood. The rest keeps its bytes, its order and its repetitions.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.proxy import fields, rewrites
from gateway.proxy.fields import COLON, FRAMING, HOP_BY_HOP, LINE_END, SWITCH

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gateway.proxy.answer import Head
    from gateway.proxy.origins import Origins
    from pool.upstream import Upstream

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

LINES_REMEMBERED = 100
LONGEST_LINE_REMEMBERED = 500
"""Bytes of an answer's field, and how many of one session's: most say the same in each answer."""


class Verdict(StrEnum):
    """What becomes of a field, by its name."""

    KEEP = "keep"
    OUT = "out"
    POLICY = "policy"
    LOCATION = "location"


SPECIAL = {
    b"content-security-policy": Verdict.POLICY,
    b"content-location": Verdict.LOCATION,
    b"location": Verdict.LOCATION,
}


class AnswerRules:
    """The rules for one session, compiled once so that an answer costs one look at each of its lines."""

    __slots__ = ("_authority", "_base", "_lines", "_origins", "_outside", "_public")

    def __init__(self, upstream: Upstream, origins: Origins) -> None:
        outside = [
            (b"Content-Security-Policy", origins.frame_ancestors.encode()),
            (b"Referrer-Policy", b"same-origin"),
            (b"X-Robots-Tag", b"noindex"),
        ]
        self._authority = upstream.origin.removeprefix("http://").encode()
        self._base = upstream.base_path.encode()
        self._public = upstream.public_path.encode()
        self._origins = origins
        self._outside = fields.lines(outside)
        """What every answer says to the browser."""
        self._lines: dict[bytes, bytes] = {}
        """Fields as the server wrote them, and as the visitor gets them."""

    def head(
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
        verdict = _verdict(name)
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

    def switching(self, head: Head) -> bytes:
        """Return the 101 that goes to the visitor, for a handshake that has been checked."""
        kept = [(name, value) for name, value in head.fields if name.lower() in HANDSHAKE]
        return b"HTTP/1.1 101 Switching Protocols\r\n" + fields.lines(kept) + SWITCH + b"\r\n"


def _verdict(name: bytes) -> Verdict:
    low = name.lower()
    return Verdict.OUT if low in RESPONSE_OUT else SPECIAL.get(low, Verdict.KEEP)
