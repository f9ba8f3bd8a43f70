"""The websocket handshake: what is asked for, and whether the answer fits (RFC 6455 section 4). Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

from gateway.errors import BadRequest, UpstreamInvalid
from gateway.proxy import fields

if TYPE_CHECKING:
    from gateway.proxy.answer import Head
    from gateway.proxy.fields import Named

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

KEY_BYTES = 16


def wanted(version: tuple[int, int], method: str, named: Named) -> bytes | None:
    """Return the handshake's key when a request asks for a websocket, None when it asks for none.

    Raises BadRequest for a request that asks for one in a way that cannot be granted.
    """
    if b"upgrade" not in named or method != "GET" or version != (1, 1):
        return None
    if b"websocket" not in fields.elements(named, b"upgrade"):
        return None
    if b"upgrade" not in fields.elements(named, b"connection"):
        return None
    keys = named.get(b"sec-websocket-key", ())
    if len(keys) != 1 or not _is_key(keys[0]):
        raise BadRequest("not exactly one good Sec-WebSocket-Key")
    if not fields.FRAMING.isdisjoint(named):
        raise BadRequest("a websocket handshake with a body")
    return keys[0]


def _is_key(value: bytes) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == KEY_BYTES
    except binascii.Error:
        return False


def accept(key: bytes) -> bytes:
    """Return what a server must answer to a key."""
    return base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())


def check(head: Head, key: bytes, asked: Named, *, readable: bool = False) -> None:
    """Raise UpstreamInvalid unless a 101 switches to exactly the websocket that `asked` asked for; `readable`
    allows no extension, whatever was asked for.
    """
    if fields.elements(head.named, b"upgrade") != [b"websocket"]:
        raise UpstreamInvalid("a 101 to something other than a websocket")
    if b"upgrade" not in fields.elements(head.named, b"connection"):
        raise UpstreamInvalid("a 101 without Connection: Upgrade")
    if head.named.get(b"sec-websocket-accept") != [accept(key)]:
        raise UpstreamInvalid("a 101 with the wrong Sec-WebSocket-Accept")
    if not fields.FRAMING.isdisjoint(head.named):
        raise UpstreamInvalid("a 101 with a body")
    chosen = fields.elements(head.named, b"sec-websocket-protocol")
    if len(chosen) > 1 or not set(chosen) <= set(fields.elements(asked, b"sec-websocket-protocol")):
        raise UpstreamInvalid("a subprotocol nobody asked for")
    if not _extensions(head.named) <= (set() if readable else _extensions(asked)):
        raise UpstreamInvalid("an extension nobody asked for")


def subprotocol(head: Head) -> str:
    """Return what a checked 101 agreed on, or an empty text."""
    return "".join(name.decode("latin-1") for name in head.named.get(b"sec-websocket-protocol", ()))


def _extensions(named: Named) -> set[bytes]:
    # Names only; a quoted parameter holding a comma would at worst make a good answer look bad.
    found = fields.elements(named, b"sec-websocket-extensions")
    return {element.partition(b";")[0].strip() for element in found}
