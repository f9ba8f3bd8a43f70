"""A second reader of both formats, written for the tests alone and as strict as can be: what it finds in a
message is what any kernel or server would find in it.
"""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple


class Seen(NamedTuple):
    channel: str
    header: dict[str, Any]
    parent: dict[str, Any]
    metadata: dict[str, Any]
    content: dict[str, Any]
    buffers: list[bytes]


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({name for name, _ in pairs}) == len(pairs), "a key twice"
    return dict(pairs)


def number(name: str) -> float:
    raise AssertionError(f"{name} in JSON")


def loads(text: str) -> Any:
    text.encode()
    return json.loads(text, object_pairs_hook=unique, parse_constant=number)


def v1(message: bytes | str) -> Seen:
    assert isinstance(message, bytes)
    count = int.from_bytes(message[:8], "little")
    assert 6 <= count <= len(message) // 8
    offsets = [int.from_bytes(message[8 + 8 * n : 16 + 8 * n], "little") for n in range(count)]
    assert offsets[0] == 8 + 8 * count
    assert offsets[-1] == len(message)
    parts = []
    for n in range(count - 1):
        assert offsets[n] <= offsets[n + 1]
        parts.append(message[offsets[n] : offsets[n + 1]])
    header, parent, metadata, content = (loads(part.decode()) for part in parts[1:5])
    return Seen(parts[0].decode("ascii"), header, parent, metadata, content, parts[5:])


def legacy(message: bytes | str) -> Seen:
    buffers: list[bytes] = []
    if isinstance(message, bytes):
        (count,) = struct.unpack_from("!I", message)
        assert 1 <= count <= len(message) // 4
        offsets = [*struct.unpack_from(f"!{count}I", message, 4), len(message)]
        assert offsets[0] == 4 + 4 * count
        assert offsets == sorted(offsets)
        parts = [message[offsets[n] : offsets[n + 1]] for n in range(count)]
        text, buffers = parts[0].decode(), parts[1:]
    else:
        text = message
    value = loads(text)
    assert value.pop("buffers", []) == []
    # A server repeats two of the header's fields beside it.
    parts_of_it = {"channel", "header", "parent_header", "metadata", "content"}
    assert parts_of_it <= value.keys() <= parts_of_it | {"msg_id", "msg_type"}
    return Seen(
        value["channel"],
        value["header"],
        value["parent_header"],
        value["metadata"],
        value["content"],
        buffers,
    )


def pack_v1(channel: bytes, *parts: bytes) -> bytes:
    """Write a message of parts that may be anything."""
    at = 8 * (len(parts) + 3)
    offsets = [at]
    for part in (channel, *parts):
        at += len(part)
        offsets.append(at)
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + channel + b"".join(parts)


def pack_legacy(text: bytes, *buffers: bytes) -> bytes:
    parts = (text, *buffers)
    at = 4 * (len(parts) + 1)
    offsets = []
    for part in parts:
        offsets.append(at)
        at += len(part)
    return struct.pack(f"!{len(parts) + 1}I", len(parts), *offsets) + b"".join(parts)
