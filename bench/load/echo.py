"""Websockets that send a message, wait for its echo and send the next. A program of its own; prints JSON.

`python -m bench.load.echo URL --connections 16 --size 100 --seconds 5`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import time
from typing import cast

import uvloop

from bench.load.frames import BINARY, frame, opening
from bench.load.url import Where, where

OPEN_LIMIT = 20.0
"""Seconds all connections together may take to open."""
HEAD_END = b"\r\n\r\n"


class Client(asyncio.Protocol):
    """One websocket; `echoes` counts messages that came back."""

    def __init__(self, to: Where, message: bytes, echo_size: int) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.echoes = 0
        self._to = to
        self._message = message
        self._echo_size = echo_size
        self._due = 0
        self._head = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(opening(f"{self._to.host}:{self._to.port}", self._to.path))

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        if self.opened.done():
            self._take(len(data))
            return
        self._head += data
        if HEAD_END in self._head:
            if self._head.startswith(b"HTTP/1.1 101"):
                self.opened.set_result(None)
            else:
                self.opened.set_exception(ConnectionError(f"no websocket, but {self._head[:200]!r}"))

    def send(self) -> None:
        """Send the message."""
        self._due = self._echo_size
        self._transport.write(self._message)

    def _take(self, size: int) -> None:
        self._due -= size
        if self._due < 0:
            self._transport.abort()  # more than the echo: counted messages would be wrong
        elif self._due == 0:
            self.echoes += 1
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        """See asyncio."""
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before it was open"))
        if not self.lost.done():
            self.lost.set_result(None)

    def close(self) -> None:
        """Cut the connection."""
        self._transport.abort()


async def load(to: Where, connections: int, size: int, seconds: float) -> dict[str, float]:
    """Return how many messages went there and back in how many seconds.

    Raises ConnectionError when a websocket is refused or lost.
    """
    payload, mask = secrets.token_bytes(size), secrets.token_bytes(4)
    message, echo_size = frame(BINARY, payload, mask), len(frame(BINARY, payload))
    loop = asyncio.get_running_loop()
    clients = []
    async with asyncio.timeout(OPEN_LIMIT):
        for _ in range(connections):
            _, client = await loop.create_connection(lambda: Client(to, message, echo_size), to.host, to.port)
            clients.append(client)
            await client.opened
    began = time.perf_counter()
    for client in clients:
        client.send()
    await asyncio.sleep(seconds)
    took, echoes = time.perf_counter() - began, sum(client.echoes for client in clients)
    lost = sum(client.lost.done() for client in clients)
    for client in clients:
        client.close()
    if lost:
        raise ConnectionError(f"{lost} of {connections} websockets were lost")
    return {"messages": echoes, "seconds": took}


def main() -> None:
    """Run the load of the command line."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("url")
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--size", type=int, required=True, help="bytes of a message")
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    print(json.dumps(uvloop.run(load(where(given.url), given.connections, given.size, given.seconds))))


if __name__ == "__main__":
    main()
