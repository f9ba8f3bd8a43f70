from __future__ import annotations

import asyncio
import socket
import time
from typing import cast

from gateway.proxy.quick_ack import QuickAck, QuickAcks

ROUNDS = 12
TIME_LIMIT = 10.0


class Asking(asyncio.Protocol):
    """Sends a byte, waits for the two bytes that answer it, and so on."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.missing = 2 * ROUNDS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.acknowledging = QuickAck(transport, QuickAcks())
        self.transport.write(b"a")

    def data_received(self, data: bytes) -> None:
        if self.quick:
            self.acknowledging.came()
        self.missing -= len(data)
        if self.missing <= 0:
            self.acknowledging.forget()
            self.transport.close()
            self.over.set_result(None)
        elif self.missing % 2 == 0:
            self.acknowledging.sent()
            self.transport.write(b"a")


class Answering(asyncio.Protocol):
    """Answers each byte by two small packets, the second only when the first is confirmed (RFC 896)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)

    def data_received(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        for at in range(2 * len(data)):
            loop.call_later(at * 0.001, self.transport.write, b"b")


async def seconds_taken(*, quick: bool) -> float:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        began = time.monotonic()
        _, asking = await loop.create_connection(lambda: Asking(quick=quick), host, port)
        async with asyncio.timeout(TIME_LIMIT):
            await asking.over
        return time.monotonic() - began


async def test_a_server_that_waits_for_confirmation_is_kept_waiting_less() -> None:
    by_the_kernel = await seconds_taken(quick=False)
    assert await seconds_taken(quick=True) < by_the_kernel / 2
