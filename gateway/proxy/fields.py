"""Names of header fields and the small rules about them. Pure; fields are pairs of bytes, in their order.

Hop-by-hop fields are those of RFC 9110 section 7.6.1 and its forerunners; they belong to one connection and
never cross the gateway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

Fields = Sequence[tuple[bytes, bytes]]

Named = Mapping[bytes, Sequence[bytes]]
"""The values of fields by their names in lower case; looked at often, made once."""

COLON = b": "
"""Between a name and its value, as we write it."""

LINE_END = b"\r\n"
HEAD_END = LINE_END + LINE_END

HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"http2-settings",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authentication-info",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)

FRAMING = frozenset({b"content-length", b"transfer-encoding"})

SWITCH = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
"""What asks for a websocket, and grants one, beside the handshake's own fields (RFC 6455 section 4)."""

FORBIDDEN = bytes(byte for byte in range(0x20) if byte != 0x09) + b"\x7f"
"""Control characters no field value may hold (RFC 9110 section 5.5); among them the ends of lines."""

FORBIDDEN_IN_HEAD = FORBIDDEN.replace(b"\r", b"").replace(b"\n", b"")


def sound(fields: Fields) -> bool:
    """Return whether no name and no value holds a control character."""
    text = b"".join(chain.from_iterable(fields))
    return len(text.translate(None, FORBIDDEN)) == len(text)


def clean(head: bytes) -> bool:
    """Return whether a head as it came holds none, its line ends aside. Quicker than any search for one."""
    return len(head.translate(None, FORBIDDEN_IN_HEAD)) == len(head)


def by_name(fields: Fields) -> Named:
    """Return fields by name."""
    named = {name.lower(): [value] for name, value in fields}
    if len(named) < len(fields):
        for values in named.values():
            values.clear()
        for name, value in fields:
            named[name.lower()].append(value)
    return named


def elements(named: Named, name: bytes) -> list[bytes]:
    """Return the elements of a comma separated field in lower case, over all its lines."""
    found = named.get(name)
    return listed(found) if found else []


def listed(values: Sequence[bytes]) -> list[bytes]:
    """Return the elements of comma separated values in lower case."""
    return [part for value in values for raw in value.split(b",") if (part := raw.strip(b" \t").lower())]


def lines(fields: Fields) -> bytes:
    """Return fields as they stand in a head, each with its line end."""
    return b"".join([b"%b: %b\r\n" % pair for pair in fields])


def is_coded(named: Named) -> bool:
    """Return whether a body with these fields is in a coding other than none (RFC 9110 section 8.4)."""
    return any(coding != b"identity" for coding in elements(named, b"content-encoding"))
