"""Confirms what an instance sent before the kernel would."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from gateway.proxy.deadline import Deadline

if TYPE_CHECKING:
    import asyncio

PATIENCE = 0.002
"""Seconds in which bytes for the instance may come, which carry the confirmation for nothing."""


class QuickAck:
    """Lets the kernel confirm what has come soon, unless something is sent before that.

    Jupyter's websockets wait for that confirmation before they send the next small frame (RFC 896), and the
    kernel likes to take 40 ms over it: twice for the first result of a cell. Said after each read, it would
    cost a packet a frame. A socket object of our own, because uvloop makes one anew for each option that is
    set.
    """

    __slots__ = ("_deadline", "_socket")

    def __init__(self, transport: asyncio.BaseTransport, loop: asyncio.AbstractEventLoop) -> None:
        shown = None if transport.is_closing() else transport.get_extra_info("socket")
        self._deadline = Deadline(loop, self._say)
        self._socket: socket.socket | None = None
        if shown is not None and hasattr(socket, "TCP_QUICKACK"):
            self._socket = socket.socket(shown.family, shown.type, shown.proto, fileno=shown.fileno())

    def came(self) -> None:
        """Take note that bytes have come."""
        if self._socket is not None:
            self._deadline.within(PATIENCE)

    def sent(self) -> None:
        """Take note that bytes were sent: they confirm what had come."""
        self._deadline.clear()

    def forget(self) -> None:
        """Let go of the descriptor, which is the transport's to close. Must be called before it is."""
        self._deadline.cancel()
        if self._socket is not None:
            self._socket.detach()
            self._socket = None

    def _say(self) -> None:
        if self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            except OSError:
                self.forget()
