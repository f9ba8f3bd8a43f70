"""What is asked of the kernel for a connection. Never fails: without an option, timeouts still hold."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

KEEPALIVE_IDLE = 30
"""Seconds of silence before the kernel asks whether the other side is still there."""

KEEPALIVE_INTERVAL = 10
KEEPALIVE_COUNT = 3

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def tune(transport: asyncio.BaseTransport, *, stall: float) -> None:
    """Let the kernel notice a peer that vanished, and one that took no byte for `stall` seconds.

    A container's network may go away without a goodbye, and so may a laptop.
    """
    options = [
        (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE", KEEPALIVE_IDLE),
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL", KEEPALIVE_INTERVAL),
        (socket.IPPROTO_TCP, "TCP_KEEPCNT", KEEPALIVE_COUNT),
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", int(stall * 1000)),
    ]
    sock = transport.get_extra_info("socket")
    for level, name, value in options:
        if sock is not None and hasattr(socket, name):
            with suppress(OSError):
                sock.setsockopt(level, getattr(socket, name), value)


def reset(transport: asyncio.WriteTransport) -> None:
    """Drop a connection so that the other side cannot take what it has for all there was."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    transport.abort()
