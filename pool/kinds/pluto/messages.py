"""Pluto's messages: one MsgPack map each, a binary websocket frame or a state file. Pure.

The envelope has been the same since Pluto 0.14.1. To the server: `type`, `client_id`, `request_id`, `body`,
and `notebook_id` where it is about a notebook. From the server: `type`, `message`, and the ids of the request
that it answers, if any (Pluto, frontend/common/PlutoConnection.js and src/webserver/PutUpdates.jl).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgpack

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_MESSAGE = 64 * 2**20
"""Bytes of one message; the whole state of a notebook, with its pictures, is one."""

DATE = 0x0D
"""The extension type of a date: milliseconds since 1970, eight bytes, little-endian."""


def encode(
    kind: str, body: Mapping[str, Any], *, client_id: str, request_id: str, notebook_id: str = ""
) -> bytes:
    """Return a message to the server."""
    message = {"type": kind, "client_id": client_id, "request_id": request_id, "body": body}
    if notebook_id:
        message["notebook_id"] = notebook_id
    packed: bytes = msgpack.packb(message)
    return packed


def decode(data: bytes) -> dict[str, Any]:
    """Return a message or a state. Raises ValueError for anything that is no map, and all of it."""
    try:
        # Maps with other keys than text are Julia's; they stand deep inside of what a notebook shows.
        found = msgpack.unpackb(data, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        # TypeError: a map with a key that Python cannot have as one, such as a list.
        raise ValueError("not MsgPack") from error
    if not isinstance(found, dict):
        raise ValueError("MsgPack, but no map")  # noqa: TRY004 - it is what was sent that is wrong
    return found


def is_heartbeat(message: bytes) -> bool:
    """Return whether it is the `ping` that a page sends every 28 s, whether or not anybody looks at it."""
    try:
        return b"ping" in message and decode(message).get("type") == "ping"
    except ValueError:
        return False


def date(milliseconds: int) -> msgpack.ExtType:
    """Return a date as pages send it."""
    return msgpack.ExtType(DATE, milliseconds.to_bytes(8, "little", signed=True))
