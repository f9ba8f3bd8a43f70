"""Reads a page's MsgPack strictly, and writes it again. Pure.

What two readers could read differently is refused: a name that stands twice in a map, bytes behind the end,
names that are no text, extensions that Pluto's pages do not send. The server then gets what was judged,
written anew, and never the bytes that were sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgpack

from pool.kinds.pluto.messages import DATE

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

MOST_DEPTH = 32
"""Maps and lists inside of each other. A bond's value is a number, a text, a file, or a few of these."""

MOST_PARTS = 100_000
"""Values in all maps and lists of a message together: each takes many times its bytes once it is read."""

ITEM_SIZES = {0x11: 1, 0x12: 1, 0x13: 2, 0x14: 2, 0x15: 4, 0x16: 4, 0x17: 4, 0x18: 8}
"""JavaScript's typed arrays, by extension type (Pluto, frontend/common/MsgPack.js): bytes of one item."""

DATE_SIZE = 8


def uncounted(values: int) -> None:
    """Leave it."""


def unpack(data: bytes, counted: Callable[[int], None] = uncounted) -> Any:
    """Return what was packed; `counted` is told how many values were read, good or not. Raises ValueError for
    everything a page would not send.
    """
    parts = _Parts()
    try:
        found = msgpack.unpackb(
            data,
            object_pairs_hook=parts.map,
            list_hook=parts.list,
            ext_hook=_extension,
            strict_map_key=True,
            max_array_len=MOST_PARTS,
            max_map_len=MOST_PARTS,
        )
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
        raise ValueError("not MsgPack, or more than that") from error
    finally:
        counted(parts.read)
    _check(found, 0)
    return found


def pack(value: Any) -> bytes:
    """Return a value of `unpack`, or one of ours, as bytes."""
    packed: bytes = msgpack.packb(value)
    return packed


class _Parts:
    """Takes each map and list as it is read, and counts what is in them."""

    def __init__(self) -> None:
        self.read = 0
        """Values so far."""

    def map(self, pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
        self._count(pairs)
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name stands twice in a map")
        if not all(isinstance(name, str) for name in found):
            raise ValueError("a name that is no text")
        return found

    def list(self, values: list[Any]) -> list[Any]:
        self._count(values)
        return values

    def _count(self, parts: Sized) -> None:
        self.read += len(parts) + 1
        if self.read > MOST_PARTS:
            raise ValueError("too many values")


def _extension(code: int, data: bytes) -> msgpack.ExtType:
    size = ITEM_SIZES.get(code)
    if size is None and code != DATE:
        raise ValueError("an unknown extension")
    if len(data) % size if size is not None else len(data) != DATE_SIZE:
        raise ValueError("an extension of the wrong size")
    return msgpack.ExtType(code, data)


def _check(value: Any, depth: int) -> None:
    """Raise ValueError for a value too deep, and for MsgPack's own timestamps, which no page sends."""
    if depth > MOST_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, dict):
        for each in value.values():
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)
    elif isinstance(value, msgpack.Timestamp):
        raise ValueError("an unknown extension")  # noqa: TRY004 - it is what was sent that is wrong
