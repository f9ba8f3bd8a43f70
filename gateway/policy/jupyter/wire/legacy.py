"""The elder format, spoken where no subprotocol is agreed on: a text is a message as JSON.

With buffers it is binary: a big-endian 32-bit count of parts, their offsets from the message's start, the
JSON, the buffers (jupyter_server, services/kernels/connection/base.py, `serialize_binary_message`).
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gateway.policy.jupyter.limits import MAX_BUFFERS, MAX_JSON
from gateway.policy.jupyter.wire.message import CHANNELS, Heard, Said, Unreadable, header
from gateway.policy.jupyter.wire.strict_json import parts, read, write
from gateway.policy.jupyter.wire.taught import TEACHING, may_teach

if TYPE_CHECKING:
    from gateway.policy.verdict import Message

_WORD = 4
_FIELDS = ("header", "parent_header", "metadata", "content")


class Legacy:
    """See `message.Wire`."""

    def parts(self, message: Message) -> int:
        """See `message.Wire`."""
        return parts(message) if isinstance(message, str) else parts(message, *_edges(message)[:2])

    def read(self, message: Message) -> Said:
        """Return a visitor's message. Raises Unreadable for one that cannot even be answered."""
        text, buffers = _split(message)
        if len(text) > MAX_JSON:
            raise Unreadable("content that is too long")
        try:
            value, fault = read(text)
        except ValueError as error:
            raise Unreadable("a message that is no JSON") from error
        if not isinstance(value, dict):
            raise Unreadable("a message that is no object")
        channel = value.get("channel")
        if not isinstance(channel, str) or channel not in CHANNELS:
            raise Unreadable("no such channel")
        head = header(value.get("header"))
        inside = value.pop("buffers", [])
        if inside != [] or not value.keys() <= {"channel", *_FIELDS}:
            fault = fault or "a message with more than its parts"
        objects: list[dict[str, Any]] = []
        for name in _FIELDS[1:]:
            found = value.get(name)
            if not isinstance(found, dict):
                fault = fault or "a part that is no object"
            objects.append(found if isinstance(found, dict) else {})
        _, metadata, content = objects
        return Said(channel, head, content, metadata, None, buffers, fault)

    def write(self, said: Said) -> Message:
        """Return a message anew, nothing in it but what `said` holds."""
        text = write(
            {
                "channel": said.channel,
                "header": said.header.written(),
                "parent_header": said.parent.written() if said.parent else {},
                "metadata": said.metadata,
                "content": said.content,
                "buffers": [],
            }
        )
        if not said.buffers:
            return text
        pieces = [text.encode(), *said.buffers]
        at = _WORD * (len(pieces) + 1)
        offsets = []
        for part in pieces:
            offsets.append(at)
            at += len(part)
        return struct.pack(f"!{len(pieces) + 1}I", len(pieces), *offsets) + b"".join(pieces)

    def hear(self, message: Message) -> Heard | None:
        """Return a server's message, or None where it is none or nothing can be learned from it."""
        try:
            text, _ = _split(message)
            if not any(word in text for word in TEACHING):
                return None
            value = read(text).value
            kind = value["header"]["msg_type"]
            parent = (value.get("parent_header") or {}).get("msg_id", "")
            content = value["content"] if may_teach(kind, text.encode()) else {}
            channel = value["channel"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        if not all(isinstance(word, str) for word in (kind, parent, channel)) or not isinstance(
            content, dict
        ):
            return None
        return Heard(channel, kind, parent, content)


def _split(message: Message) -> tuple[str, tuple[bytes, ...]]:
    """Return a message's JSON and its buffers: one behind the other, nothing behind the last one."""
    if isinstance(message, str):
        return message, ()
    text, *buffers = (message[first:last] for first, last in pairwise(_edges(message)))
    try:
        return text.decode(), tuple(buffers)
    except UnicodeDecodeError as error:
        raise Unreadable("a message that is no text") from error


def _edges(message: bytes) -> list[int]:
    """Return where each part begins and the last one ends. Raises Unreadable."""
    if len(message) < _WORD:
        raise Unreadable("a message without a count")
    (count,) = struct.unpack_from("!I", message)
    start = _WORD * (count + 1)
    if not 0 < count <= 1 + MAX_BUFFERS or start > len(message):
        raise Unreadable("a message with a wrong count")
    offsets = struct.unpack_from(f"!{count}I", message, _WORD)
    edges = [*offsets, len(message)]
    if edges[0] != start or edges != sorted(edges):
        raise Unreadable("a message with wrong offsets")
    return edges
