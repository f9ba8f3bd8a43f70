"""Messages and visitors' connections between two processes of the gateway."""

from __future__ import annotations

import array
import asyncio
import os
import socket
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from gateway.workers.messages import Connection, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.workers.messages import Message

    OnMessage = Callable[[Message], None]
    OnConnection = Callable[[socket.socket, bytes], None]

PACKET = 256 * 1024
"""Bytes of the largest packet."""

PIECE = 64 * 1024
"""Bytes that a packet carries beside its message."""


def pair() -> tuple[socket.socket, socket.socket]:
    """Return two ends of a channel: a Unix socket that keeps the boundaries and the order of packets."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (here, there):
        end.setblocking(False)
    return here, there


class Channel:
    """One end. `on_end` is called once when the other process is gone. Never blocks; what the other side does
    not take yet waits here.
    """

    def __init__(
        self,
        end: socket.socket,
        on_message: OnMessage,
        on_connection: OnConnection,
        on_end: Callable[[], None],
    ) -> None:
        self._end = end
        self._on_message = on_message
        self._on_connection = on_connection
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[bytes, int | None]] = deque()
        self._carried = b""
        self._closed = False
        self._loop.add_reader(end.fileno(), self._read)

    def send(self, message: Message) -> None:
        """Send a message."""
        self._put(encode(message), None)

    def hand_over(self, connection: int, data: bytes) -> None:
        """Send a connection, by its descriptor, which is closed here; and the bytes that came over it."""
        while len(data) > PIECE:
            self._put(encode(Connection(more=True), data[:PIECE]), None)
            data = data[PIECE:]
        self._put(encode(Connection(), data), connection)

    def close(self) -> None:
        """Send and read no more."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._end.fileno())
        self._loop.remove_writer(self._end.fileno())
        for _, connection in self._waiting:
            if connection is not None:
                os.close(connection)
        self._waiting.clear()
        self._end.close()

    def _put(self, packet: bytes, connection: int | None) -> None:
        if self._closed:
            if connection is not None:
                os.close(connection)
            return
        self._waiting.append((packet, connection))
        if len(self._waiting) == 1:
            self._write()

    def _write(self) -> None:
        while self._waiting:
            packet, connection = self._waiting[0]
            rights = []
            if connection is not None:
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [connection]))]
            try:
                self._end.sendmsg([packet], rights)
            except (BlockingIOError, InterruptedError):
                self._loop.add_writer(self._end.fileno(), self._write)
                return
            except OSError:
                self._lost()
                return
            self._waiting.popleft()
            if connection is not None:
                os.close(connection)
        self._loop.remove_writer(self._end.fileno())

    def _read(self) -> None:
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._end, PACKET, 1)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            packet, descriptors = b"", []
        if not packet:
            self._lost()
            return
        message, data = decode(packet)
        if not isinstance(message, Connection):
            self._on_message(message)
            return
        self._carried += data
        if message.more:
            return
        carried, self._carried = self._carried, b""
        if not descriptors:  # the kernel drops one for which there is no room in this process
            return
        with suppress(OSError):
            self._on_connection(socket.socket(fileno=descriptors[0]), carried)

    def _lost(self) -> None:
        if not self._closed:
            self.close()
            self._on_end()
