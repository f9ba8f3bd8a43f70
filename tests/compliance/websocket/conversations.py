"""What visitor and instance may say to each other over a websocket, as bytes: the same kinds of cases as
Autobahn's classes. Most of it breaks RFC 6455, and all of it must cross the tunnel as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.compliance.websocket.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MASK,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    Frame,
    closing,
    deflated,
    fragments,
)

KIB = 1024
SIZES = (0, 1, 125, 126, 127, 128, 65_535, 65_536)
"""Bytes of payload on both sides of where the length changes its form."""
CLOSE_CODES = (0, 999, 1000, 1001, 1004, 1005, 1006, 1011, 1015, 1016, 2999, 3000, 4410, 4999, 5000, 65_535)
INVALID_UTF8 = {
    "a byte that begins nothing": b"\xff",
    "a continuation byte alone": b"\x80",
    "a sequence cut short": b"\xe2\x82",
    "an overlong slash": b"\xc0\xaf",
    "half of a surrogate pair": b"\xed\xa0\x80",
    "a code point above the last": b"\xf4\x90\x80\x80",
}


@dataclass(frozen=True, slots=True)
class Conversation:
    """What each side sends behind the handshake."""

    visitor: bytes
    instance: bytes
    instance_ends: bool = False
    """Whether the instance closes the connection, as after a Close; else the visitor does."""


def both(*frames: Frame, instance_ends: bool = False) -> Conversation:
    """Return a conversation in which both sides send the same frames, the visitor's masked."""
    return Conversation(
        visitor=b"".join(frame.encode(MASK) for frame in frames),
        instance=b"".join(frame.encode() for frame in frames),
        instance_ends=instance_ends,
    )


def _framing() -> dict[str, Conversation]:
    return {
        f"{name} of {size} bytes": both(Frame(opcode, b"*" * size))
        for name, opcode in (("text", TEXT), ("binary", BINARY))
        for size in SIZES
    } | {
        "lengths in more bytes than they need": both(
            Frame(TEXT, b"short", length_bytes=2), Frame(TEXT, b"short", length_bytes=8)
        ),
        "a length of 64 bits with the first bit set": Conversation(
            b"\x82\xff\x80" + bytes(7) + MASK + b"more", b"\x82\x7f\x80" + bytes(7) + b"more"
        ),
        "a visitor who does not mask and an instance that does": Conversation(
            Frame(TEXT, b"hello").encode(), Frame(TEXT, b"hello").encode(MASK)
        ),
        "a frame that never ends": Conversation(
            Frame(BINARY, bytes(KIB)).encode(MASK)[:-1], Frame(BINARY, bytes(KIB)).encode()[:-1]
        ),
        "what is no frame at all": Conversation(b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        "every byte there is": Conversation(bytes(range(256)), bytes(range(255, -1, -1))),
        "an instance that alone speaks": Conversation(b"", Frame(TEXT, b"news").encode()),
        "a visitor who alone speaks": Conversation(Frame(TEXT, b"news").encode(MASK), b""),
    }


def _pings() -> dict[str, Conversation]:
    return {
        "an empty ping": both(Frame(PING)),
        "the longest ping": both(Frame(PING, b"\xfe" * 125)),
        "a ping that is too long": both(Frame(PING, b"\xfe" * 126)),
        "a pong nobody asked for": both(Frame(PONG, b"unasked"), Frame(PING, b"and a ping")),
        "ten pings": both(*(Frame(PING, b"%d" % number) for number in range(10))),
    }


def _reserved() -> dict[str, Conversation]:
    named = {"RSV1": RSV1, "RSV2": RSV2, "RSV3": RSV3, "all reserved bits": RSV1 | RSV2 | RSV3}
    return {
        f"{name} on {what}": both(
            Frame(TEXT, b"before"), Frame(opcode, b"x", reserved=bits), Frame(TEXT, b"after")
        )
        for name, bits in named.items()
        for what, opcode in (("text", TEXT), ("a ping", PING), ("a Close", CLOSE))
    }


def _opcodes() -> dict[str, Conversation]:
    return {
        f"opcode {opcode}, which means nothing": both(
            Frame(TEXT, b"before"), Frame(opcode, b"?"), Frame(PING), Frame(TEXT, b"after")
        )
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    }


def _fragments() -> dict[str, Conversation]:
    return {
        "fragments": both(*fragments(TEXT, b"one ", b"", b"three")),
        "pings between fragments": both(
            *fragments(TEXT, b"one ", b"two", between=(Frame(PING, b"?"), Frame(PONG)))
        ),
        "a Close between fragments": both(*fragments(BINARY, b"one ", b"two", between=(closing(1000),))),
        "a fragmented ping": both(*fragments(PING, b"one ", b"two")),
        "a continuation of nothing": both(Frame(CONTINUATION, b"of what?"), Frame(TEXT, b"after")),
        "a message inside another": both(
            *fragments(TEXT, b"one ", b"two", between=(Frame(BINARY, b"inside"),))
        ),
        "a message in a thousand fragments": both(*fragments(BINARY, *(b"%d " % n for n in range(1000)))),
    }


def _texts() -> dict[str, Conversation]:
    valid = "κόσμε ❤ 𝄞".encode()
    return {
        f"text with {name}": both(Frame(TEXT, valid + broken + valid))
        for name, broken in INVALID_UTF8.items()
    } | {"text cut inside its characters": both(*fragments(TEXT, *(bytes([byte]) for byte in valid)))}


def _closings() -> dict[str, Conversation]:
    return {
        f"a Close with code {code}": both(closing(code, b"why"), instance_ends=True) for code in CLOSE_CODES
    } | {
        "a Close that says nothing": both(Frame(CLOSE), instance_ends=True),
        "a Close with half a code": both(Frame(CLOSE, b"\x03"), instance_ends=True),
        "a Close with a reason that is no text": both(closing(1000, b"\xff\xfe"), instance_ends=True),
        "a Close with the longest reason": both(closing(1000, b"*" * 123), instance_ends=True),
        "a Close with a reason that is too long": both(closing(1000, b"*" * 124), instance_ends=True),
        "two Closes": both(closing(1000), closing(1001), instance_ends=True),
        "data and pings behind a Close": both(
            closing(1000), Frame(TEXT, b"late"), Frame(PING), instance_ends=True
        ),
    }


def _limits() -> dict[str, Conversation]:
    return {
        "a message of 1 MiB": both(Frame(BINARY, bytes(range(256)) * 4 * KIB)),
        "a message of 256 KiB in fragments of 4 KiB": both(*fragments(BINARY, *[bytes(4 * KIB)] * 64)),
        "a thousand small messages": both(*(Frame(TEXT, b"%d" % number) for number in range(1000))),
    }


def _compressed() -> dict[str, Conversation]:
    text = b"notebook " * 200
    alone, again = deflated(text, text)
    small = deflated(text, bits=9)[0]
    half = len(alone) // 2
    return {
        "a compressed message": both(Frame(TEXT, alone, reserved=RSV1)),
        "a compressed message that leans on the one before": both(
            Frame(TEXT, alone, reserved=RSV1), Frame(PING, b"between"), Frame(TEXT, again, reserved=RSV1)
        ),
        "a message compressed with the smallest window": both(Frame(TEXT, small, reserved=RSV1)),
        "a compressed message of no bytes": both(Frame(TEXT, deflated(b"")[0], reserved=RSV1)),
        "a compressed message in fragments": both(
            Frame(TEXT, alone[:half], final=False, reserved=RSV1), Frame(CONTINUATION, alone[half:])
        ),
        "RSV1 on a continuation": both(
            Frame(TEXT, alone[:half], final=False, reserved=RSV1),
            Frame(CONTINUATION, alone[half:], reserved=RSV1),
        ),
        "a compressed message between plain ones": both(
            Frame(TEXT, text), Frame(TEXT, alone, reserved=RSV1), Frame(TEXT, text)
        ),
        "what cannot be decompressed": both(
            Frame(BINARY, b"\xff" * 64, reserved=RSV1), Frame(TEXT, b"after")
        ),
    }


CONVERSATIONS: Final = {
    **_framing(),
    **_pings(),
    **_reserved(),
    **_opcodes(),
    **_fragments(),
    **_texts(),
    **_closings(),
    **_limits(),
    **_compressed(),
}
"""All conversations by what is special about them."""
