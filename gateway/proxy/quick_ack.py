"""Confirms what instances sent before the kernel would.

Jupyter's websockets wait for a confirmation before they send the next small frame (RFC 896), and the kernel
likes to take 40 ms over it: twice for the first result of a cell. It can be told to hurry, but told so after
each read it sends a packet for each frame. What we send ourselves confirms for nothing; so it is told only
where nothing was sent for a moment.
"""

from __future__ import annotations

import asyncio
import socket

TICK = 0.001
"""Seconds. A confirmation is sent after one to two of them, unless bytes for the instance carry it."""


class QuickAcks:
    """All connections whose bytes are not confirmed yet; one timer for them together."""

    __slots__ = ("_old", "_timer", "_young")

    def __init__(self) -> None:
        self._young: set[QuickAck] = set()
        self._old: set[QuickAck] = set()
        self._timer: asyncio.Handle | None = None

    def came(self, connection: QuickAck) -> None:
        """Take note that bytes have come."""
        if connection not in self._old:
            self._young.add(connection)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(TICK, self._tick)

    def sent(self, connection: QuickAck) -> None:
        """Take note that bytes were sent, which confirm what had come; or that nothing is to be confirmed."""
        self._young.discard(connection)
        self._old.discard(connection)

    def _tick(self) -> None:
        self._timer = None
        due, self._old, self._young = self._old, self._young, set()
        if self._old:
            self._timer = asyncio.get_running_loop().call_later(TICK, self._tick)
        for connection in due:
            connection.confirm()


class QuickAck:
    """One connection. A socket object of our own, because uvloop makes one anew for each option."""

    __slots__ = ("_all", "_socket")

    def __init__(self, transport: asyncio.BaseTransport, together: QuickAcks) -> None:
        shown = None if transport.is_closing() else transport.get_extra_info("socket")
        self._all = together
        self._socket: socket.socket | None = None
        if shown is not None and hasattr(socket, "TCP_QUICKACK"):
            self._socket = socket.socket(shown.family, shown.type, shown.proto, fileno=shown.fileno())

    def came(self) -> None:
        """Take note that bytes have come."""
        if self._socket is not None:
            self._all.came(self)

    def sent(self) -> None:
        """Take note that bytes were sent."""
        self._all.sent(self)

    def confirm(self) -> None:
        """Let the kernel confirm now."""
        if self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            except OSError:
                self.forget()

    def forget(self) -> None:
        """Let go of the descriptor, which is the transport's to close. Must be called before it is."""
        self._all.sent(self)
        if self._socket is not None:
            self._socket.detach()
            self._socket = None
