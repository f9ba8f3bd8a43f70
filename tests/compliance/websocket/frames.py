"""Websocket frames as bytes, well-formed or not (RFC 6455 section 5.2). Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import cycle

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
RSV1, RSV2, RSV3 = 0x40, 0x20, 0x10
FINAL = MASKED = 0x80
MASK = bytes.fromhex("37fa213d")
"""The masking key RFC 6455 uses in its examples; the tunnel must not care which."""
EMPTY_BLOCK = b"\x00\x00\xff\xff"
"""What a sender of permessage-deflate takes off the end of a message (RFC 7692 section 7.2.1)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; nothing stops it from breaking the protocol."""

    opcode: int
    payload: bytes = b""
    final: bool = True
    reserved: int = 0
    """Any of `RSV1`, `RSV2` and `RSV3`."""
    length_bytes: int | None = None
    """Bytes of the extended length: 0, 2 or 8. None: as few as the payload's length needs."""

    def encode(self, mask: bytes = b"") -> bytes:
        """Return its bytes; `mask` is four bytes toward a server and empty toward a client."""
        size, masked = len(self.payload), MASKED if mask else 0
        first = bytes([(FINAL if self.final else 0) | self.reserved | self.opcode])
        match self._length_bytes():
            case 0:
                length = bytes([masked | size])
            case 2:
                length = bytes([masked | 126]) + size.to_bytes(2, "big")
            case _:
                length = bytes([masked | 127]) + size.to_bytes(8, "big")
        payload = (
            bytes(a ^ b for a, b in zip(self.payload, cycle(mask), strict=False)) if mask else self.payload
        )
        return first + length + mask + payload

    def _length_bytes(self) -> int:
        if self.length_bytes is not None:
            return self.length_bytes
        size = len(self.payload)
        return 0 if size < 126 else 2 if size < 1 << 16 else 8


def closing(code: int, reason: bytes = b"") -> Frame:
    """Return a Close frame with any code, allowed or not (RFC 6455 section 7.4)."""
    return Frame(CLOSE, code.to_bytes(2, "big") + reason)


def fragments(opcode: int, *parts: bytes, between: tuple[Frame, ...] = ()) -> tuple[Frame, ...]:
    """Return a message in as many frames as it has parts, with other frames after each but the last."""
    frames: list[Frame] = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        frames.append(Frame(CONTINUATION if number else opcode, part, final=last))
        if not last:
            frames.extend(between)
    return tuple(frames)


def deflated(*messages: bytes, bits: int = 15) -> list[bytes]:
    """Return messages compressed one after another with one window of 2^bits bytes (RFC 7692 section 7.2)."""
    compressor = zlib.compressobj(wbits=-bits)
    return [
        (compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(EMPTY_BLOCK)
        for message in messages
    ]
