"""Follows websocket frames through a stream of bytes, without touching them (RFC 6455 section 5.2). Pure.

A tunnel needs to know two things of what passes: whether a visitor does something, and whether a frame of our
own could be put in between right now.
"""

from __future__ import annotations

OPCODE = 0x0F
LAST_DATA_OPCODE = 0x2
CLOSE_OPCODE = 0x8
FINAL = 0x80
MASKED = 0x80
SHORT_LENGTH = 0x7F
LENGTH_16 = 126
LENGTH_64 = 127
SHORTEST_HEAD = 2
WHOLE_MESSAGES = (0x81, 0x82)
"""First bytes of a text or binary message in one frame, without extensions."""
MASKED_HEAD = 6
"""Bytes before the payload of a short frame that a browser sends."""

REASON_LIMIT = 123
"""Bytes of a reason: a control frame's payload is at most 125, two of them the code (section 5.5)."""

SERVICE_RESTART = 1012
"""A close code of IANA's registry (RFC 6455 section 7.4.1): pages reconnect after a restart."""


class FrameScanner:
    """Follows one direction. `closed` is True once a Close frame has begun."""

    __slots__ = ("_data", "_head", "_left", "closed")

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        self._data = False
        self.closed = False

    def at_boundary(self) -> bool:
        """Whether the last byte seen ended a frame, so that another frame may follow."""
        return not self._left and not self._head

    def feed(self, chunk: bytes) -> bool:
        """Follow the next bytes; return whether any belonged to a data frame (not to ping, pong or close)."""
        at = self._left
        if not at and not self._head and len(chunk) >= SHORTEST_HEAD:
            # So it is nearly always: one whole and short frame.
            first, second = chunk[0], chunk[1]
            length = second & SHORT_LENGTH
            if length < LENGTH_16 and len(chunk) == length + (6 if second & MASKED else 2):
                opcode = first & OPCODE
                self._data = opcode <= LAST_DATA_OPCODE
                self.closed = self.closed or opcode == CLOSE_OPCODE
                return self._data
        saw_data = self._data and at > 0
        if at >= len(chunk):
            self._left = at - len(chunk)
            return saw_data
        if self._head:
            chunk, self._head = self._head + chunk, b""
        size = len(chunk)
        while at < size:
            room = size - at
            if room < SHORTEST_HEAD:
                break
            first, second = chunk[at], chunk[at + 1]
            length = second & SHORT_LENGTH
            extra = 2 if length == LENGTH_16 else 8 if length == LENGTH_64 else 0
            head = SHORTEST_HEAD + extra + (4 if second & MASKED else 0)
            if room < head:
                break
            if extra:
                length = int.from_bytes(chunk[at + SHORTEST_HEAD : at + SHORTEST_HEAD + extra], "big")
            opcode = first & OPCODE
            self._data = opcode <= LAST_DATA_OPCODE
            saw_data = saw_data or self._data
            self.closed = self.closed or opcode == CLOSE_OPCODE
            at += head + length
        self._head = chunk[at:]
        self._left = max(0, at - size)
        return saw_data


def short_message(chunk: bytes) -> bytes | None:
    """Return the message of a chunk that is one whole, masked and short data frame and no more, else None.

    So a browser sends what it sends by itself; the rest need not be told apart.
    """
    length = len(chunk) - MASKED_HEAD
    if not 0 <= length < LENGTH_16 or chunk[1] != MASKED | length:
        return None
    if chunk[0] not in WHOLE_MESSAGES:
        return None
    mask = (chunk[2:6] * (length // 4 + 1))[:length]
    plain = int.from_bytes(chunk[6:], "big") ^ int.from_bytes(mask, "big")
    return plain.to_bytes(length, "big")


def close_frame(code: int, reason: str = "", mask: bytes = b"") -> bytes:
    """Return a Close frame. `mask` is four unpredictable bytes toward a server, empty toward a client."""
    text = reason.encode()[:REASON_LIMIT].decode("utf-8", "ignore").encode()
    payload = code.to_bytes(2, "big") + text
    if not mask:
        return bytes((FINAL | CLOSE_OPCODE, len(payload))) + payload
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes((FINAL | CLOSE_OPCODE, MASKED | len(payload))) + mask + masked
