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


def notice_loss(transport: asyncio.WriteTransport) -> None:
    """Let the kernel find out within a minute that the other side is gone.

    A container's network may go away without a goodbye, and so may a laptop.
    """
    _set(transport, socket.SOL_SOCKET, "SO_KEEPALIVE", 1)
    _set(transport, socket.IPPROTO_TCP, "TCP_KEEPIDLE", KEEPALIVE_IDLE)
    _set(transport, socket.IPPROTO_TCP, "TCP_KEEPINTVL", KEEPALIVE_INTERVAL)
    _set(transport, socket.IPPROTO_TCP, "TCP_KEEPCNT", KEEPALIVE_COUNT)


def hurry(transport: asyncio.WriteTransport, limit: float) -> None:
    """Before closing: let the kernel give up after `limit` seconds in which the other side takes no byte.

    Without that, one who never reads would hold a closed connection for ever.
    """
    _set(transport, socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", int(limit * 1000))


def reset(transport: asyncio.WriteTransport) -> None:
    """Drop a connection so that the other side cannot take what it has for all there was."""
    _set(transport, socket.SOL_SOCKET, "SO_LINGER", RESET_ON_CLOSE)
    transport.abort()


def _set(transport: asyncio.BaseTransport, level: int, name: str, value: int | bytes) -> None:
    # Behind a closing transport the descriptor's number may belong to another connection already.
    sock = None if transport.is_closing() else transport.get_extra_info("socket")
    if sock is not None and hasattr(socket, name):
        with suppress(OSError):
            sock.setsockopt(level, getattr(socket, name), value)
