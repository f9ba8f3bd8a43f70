"""As much of RFC 6455 as an echo needs, on both ends. Pure."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""
ECHO_HEAD = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %s\r\n\r\n"
)
BINARY, CLOSE, PING, PONG = 0x2, 0x8, 0x9, 0xA
FIN, MASKED = 0x80, 0x80
MOST_SHORT = 125
"""Bytes whose length fits the second byte of a frame (section 5.2)."""


def accept_key(key: bytes) -> bytes:
    """Return the answer to a client's key (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + GUID).digest())  # noqa: S324 - the RFC's choice


def opening(host: str, path: str) -> bytes:
    """Return a client's opening handshake (section 4.1)."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def masked(payload: bytes, mask: bytes) -> bytes:
    """Return the payload masked or unmasked (section 5.3). One big XOR: a loop over bytes takes a second
    for a large message.
    """
    size = len(payload)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")).to_bytes(size, "little")


def frame(opcode: int, payload: bytes, mask: bytes = b"") -> bytes:
    """Return one whole frame (section 5.2), a client's when there is a mask of four bytes."""
    size, flag = len(payload), MASKED if mask else 0
    if size <= MOST_SHORT:
        head = bytes((FIN | opcode, flag | size))
    elif size < 2**16:
        head = bytes((FIN | opcode, flag | 126)) + size.to_bytes(2)
    else:
        head = bytes((FIN | opcode, flag | 127)) + size.to_bytes(8)
    return head + mask + (masked(payload, mask) if mask else payload)


class Unframer:
    """Cuts what a client sends into frames and says what an echo server answers."""

    def __init__(self) -> None:
        self._held = bytearray()

    def answers(self, data: bytes) -> Iterator[bytes | None]:
        """Yield the answer to each frame that is whole now; None when the connection ends."""
        self._held += data
        while (whole := self._next()) is not None:
            opcode, payload = whole
            if opcode == CLOSE:
                yield frame(CLOSE, payload)
                yield None
            elif opcode == PING:
                yield frame(PONG, payload)
            elif opcode != PONG:
                yield frame(opcode, payload)

    def _next(self) -> tuple[int, bytes] | None:
        held = self._held
        if len(held) < 2:
            return None
        opcode, size, at = held[0] & 0x0F, held[1] & 0x7F, 2
        if size > MOST_SHORT:
            at += 2 if size == 126 else 8
            if len(held) < at:
                return None
            size = int.from_bytes(held[2:at])
        mask_at, at = at, at + 4
        if len(held) < at + size:
            return None
        payload = masked(bytes(held[at : at + size]), bytes(held[mask_at:at]))
        del held[: at + size]
        return opcode, payload
