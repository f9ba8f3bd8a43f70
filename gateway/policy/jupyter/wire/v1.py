"""The format `v1.kernel.websocket.jupyter.org`: binary, each part of a message on its own.

Little-endian 64-bit numbers: how many offsets follow, then the offsets from the message's start, the last one
its end. Between them channel, header, parent header, metadata, content, and any buffers (jupyter_server,
services/kernels/connection/base.py, `serialize_msg_to_ws_v1`).
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gateway.policy.jupyter.limits import MAX_BUFFERS, MAX_HEADER, MAX_JSON
from gateway.policy.jupyter.wire.message import CHANNELS, Heard, Said, Unreadable, header
from gateway.policy.jupyter.wire.strict_json import parts, read_bytes, write
from gateway.policy.jupyter.wire.taught import may_teach

if TYPE_CHECKING:
    from gateway.policy.verdict import Message

PROTOCOL = "v1.kernel.websocket.jupyter.org"
_WORD = 8
_TEXTS = 5
"""Channel, header, parent header, metadata, content."""


class V1:
    """See `message.Wire`."""

    def parts(self, message: Message) -> int:
        """See `message.Wire`."""
        if isinstance(message, str):
            raise Unreadable("text where all messages are binary")
        edges = _edges(message)
        return parts(message, edges[0], edges[_TEXTS])

    def read(self, message: Message) -> Said:
        """Return a visitor's message. Raises Unreadable for one that cannot even be answered."""
        if isinstance(message, str):
            raise Unreadable("text where all messages are binary")
        pieces = _pieces(message)
        channel = pieces[0].decode("ascii", "replace")
        if channel not in CHANNELS:
            raise Unreadable("no such channel")
        if len(pieces[1]) > MAX_HEADER or sum(map(len, pieces[2:_TEXTS])) > MAX_JSON:
            raise Unreadable("a header or content that is too long")
        try:
            head = read_bytes(pieces[1])
        except ValueError as error:
            raise Unreadable("a header that is no JSON") from error
        fault = head.fault
        objects: list[dict[str, Any]] = []
        for part in pieces[2:_TEXTS]:
            try:
                found = read_bytes(part)
            except ValueError:
                fault = fault or "a part that is no JSON"
                objects.append({})
                continue
            fault = (
                fault or found.fault or ("" if isinstance(found.value, dict) else "a part that is no object")
            )
            objects.append(found.value if isinstance(found.value, dict) else {})
        _, metadata, content = objects
        return Said(channel, header(head.value), content, metadata, None, tuple(pieces[_TEXTS:]), fault)

    def write(self, said: Said) -> Message:
        """Return a message anew, nothing in it but what `said` holds."""
        parent = said.parent.written() if said.parent else {}
        texts = (said.header.written(), parent, said.metadata, said.content)
        pieces = [said.channel.encode(), *(write(text).encode() for text in texts), *said.buffers]
        at = _WORD * (len(pieces) + 2)
        offsets = [at]
        for part in pieces:
            at += len(part)
            offsets.append(at)
        return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(pieces)

    def hear(self, message: Message) -> Heard | None:
        """Return a server's message, or None where it is none or nothing can be learned from it."""
        if isinstance(message, str):
            return None
        try:
            pieces = _pieces(message)
            head = read_bytes(pieces[1]).value
            before = read_bytes(pieces[2]).value
            kind = head.get("msg_type")
            content = read_bytes(pieces[4]).value if may_teach(kind, pieces[4]) else {}
            parent = before.get("msg_id", "")
        except (ValueError, AttributeError):
            return None
        if not isinstance(kind, str) or not isinstance(parent, str) or not isinstance(content, dict):
            return None
        return Heard(pieces[0].decode("ascii", "replace"), kind, parent, content)


def _pieces(message: bytes) -> list[bytes]:
    """Return what a message is made of: one behind the other, nothing between them or behind the last one."""
    return [message[first:last] for first, last in pairwise(_edges(message))]


def _edges(message: bytes) -> tuple[int, ...]:
    """Return where each piece begins and the last one ends. Raises Unreadable."""
    if len(message) < _WORD:
        raise Unreadable("a message without a count")
    (count,) = struct.unpack_from("<Q", message)
    start = _WORD * (count + 1)
    if not _TEXTS < count <= _TEXTS + 1 + MAX_BUFFERS or start > len(message):
        raise Unreadable("a message with a wrong count")
    offsets = struct.unpack_from(f"<{count}Q", message, _WORD)
    if offsets[0] != start or offsets[-1] != len(message) or list(offsets) != sorted(offsets):
        raise Unreadable("a message with wrong offsets")
    return offsets
