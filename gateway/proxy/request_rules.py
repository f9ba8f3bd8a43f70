"""Writes the head of a request as the instance gets it. Pure; bytes in, bytes out.

Whatever belongs to one connection or was meant for the gateway is taken out; framing is never copied but made
from what was understood. The rest keeps its bytes, its order and its repetitions.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.proxy import fields
from gateway.proxy.fields import COLON, FRAMING, HOP_BY_HOP, LINE_END, SWITCH, Fields

if TYPE_CHECKING:
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

LONGEST_NAME_REMEMBERED = 100
NAMES_REMEMBERED = 500
"""Spellings of field names; who sends more is looked up each time."""


class Verdict(StrEnum):
    """What becomes of a field, by its name."""

    KEEP = "keep"
    OUT = "out"
    COUNTED = "counted"


class RequestRules:
    """The rules for one session, compiled once so that a request costs one pass over its fields.

    `readable` keeps the two ends of a websocket from agreeing on extensions.
    """

    __slots__ = ("_authority", "_base", "_credential", "_out", "_verdicts")

    def __init__(self, upstream: Upstream, *, readable: bool = False) -> None:
        names = frozenset(name.lower().encode() for name, _ in upstream.credential)
        own = [(name.encode(), value.encode("latin-1")) for name, value in upstream.credential]
        if upstream.base_path != upstream.public_path:
            own.append((b"X-Forwarded-Prefix", upstream.public_path.rstrip("/").encode()))
        self._authority = upstream.origin.removeprefix("http://").encode()
        self._base = upstream.base_path.encode()
        self._credential = fields.lines(own)
        self._out = HOP_BY_HOP | FRAMING | ASKED_OF_US | names
        if readable:
            # Messages in a coding of the two ends' own could not be judged.
            self._out |= {b"sec-websocket-extensions"}
        self._verdicts: dict[bytes, Verdict] = {}
        """What becomes of a field, by its name as it was written; filled as names are met."""

    def head(
        self, method: str, target: bytes, asked: bytes, *, upgrade: bool = False, framing: bytes = b""
    ) -> bytes:
        """Return the head; `target` is relative to the server's base, `asked` are its fields, written.

        `framing` is empty or one field line, `upgrade` asks for a websocket.
        """
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
        """Return the fields as the instance gets them; `plain` asks for an uncoded body.

        They hold no control characters: whoever read them has seen to that.
        """
        hops = frozenset(fields.elements(fields.by_name(headers), b"connection"))
        verdicts = self._verdicts
        kept: list[bytes] = []
        for name, value in headers:
            verdict = verdicts.get(name) or self._verdict(name)
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

    def _verdict(self, name: bytes) -> Verdict:
        # Many programs read `X_Real_IP` as `X-Real-IP`.
        low = name.lower().replace(b"_", b"-")
        verdict = Verdict.KEEP
        if low in self._out or low.startswith(FORWARDED_PREFIX):
            verdict = Verdict.OUT
        elif low == b"max-forwards":
            verdict = Verdict.COUNTED
        if len(self._verdicts) < NAMES_REMEMBERED and len(name) <= LONGEST_NAME_REMEMBERED:
            self._verdicts[name] = verdict
        return verdict
