"""The instance's end of the conversations: recorder.py HOST PORT.

    GET /                             200, so that a pool can see it is there
    GET /talk/<call>/<number>/<cut>   a websocket: sends what the instance says in the conversation of that
                                      number, `cut` bytes at a time, and keeps every byte that comes
    GET /heard/<call>                 what that websocket has received, once it is over

It neither reads frames nor makes any: bytes are all that counts here.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.compliance.websocket.conversations import CONVERSATIONS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMIT = 15.0
"""Seconds until a conversation that stands still is given up."""
READ_SIZE = 65_536
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The only key there is, and what it is answered: RFC 6455's own example (section 1.3)."""
EXTENSION = "permessage-deflate"
"""Granted whenever it is asked for, so that compressed frames are what they seem."""


async def send_cut(writer: asyncio.StreamWriter, data: bytes, cut: int) -> None:
    """Send bytes in pieces of this size, each a write to the network of its own."""
    for start in range(0, len(data), cut):
        writer.write(data[start : start + cut])
        await writer.drain()
        await asyncio.sleep(0)


async def read_to_end(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Return what comes until the connection ends, cleanly or not."""
    with suppress(ConnectionError):
        while data := await reader.read(READ_SIZE):
            yield data


@dataclass(slots=True)
class Call:
    """One websocket's record."""

    heard: bytearray = field(default_factory=bytearray)
    over: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Recorder:
    """All calls so far, by their names."""

    calls: dict[str, Call] = field(default_factory=dict)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's only request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            async with asyncio.timeout(LIMIT):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                match head.split(" ")[1].strip("/").split("/"):
                    case ["talk", call, number, cut]:
                        await self._talk(head, call, int(number), int(cut), reader, writer)
                    case ["heard", call]:
                        await self.calls[call].over.wait()
                        _answer(writer, bytes(self.calls[call].heard))
                    case _:
                        _answer(writer, b"")
                await writer.drain()
        writer.close()

    async def _talk(
        self,
        head: str,
        name: str,
        number: int,
        cut: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        conversation = list(CONVERSATIONS.values())[number]
        call = self.calls[name] = Call()
        try:
            writer.write(_grant(head))
            async with asyncio.TaskGroup() as group:
                group.create_task(send_cut(writer, conversation.instance, cut))
                async for data in read_to_end(reader):
                    call.heard += data
                    if conversation.instance_ends and len(call.heard) >= len(conversation.visitor):
                        break
        finally:
            call.over.set()


def _answer(writer: asyncio.StreamWriter, body: bytes) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def _grant(head: str) -> bytes:
    """Return the answer to a websocket's handshake (RFC 6455 section 4.2.2)."""
    granted = ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {ACCEPT}"]
    if EXTENSION in head:
        granted.append(f"Sec-WebSocket-Extensions: {EXTENSION}")
    return "\r\n".join(["HTTP/1.1 101 Switching Protocols", *granted, "", ""]).encode()


async def main(host: str, port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(Recorder().accept, host, port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
