"""One end of a connection, of bare bytes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from gateway.proxy import sockets

if TYPE_CHECKING:
    from collections.abc import Callable


PATIENCE = 15.0  # seconds until something that must happen is given up


LOOK_EVERY = 0.01  # seconds


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(LOOK_EVERY)


class Peer:
    """One end of a connection; `received` holds every byte that came, but for those swallowed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._unread = b""
        self._received = bytearray()
        self.ended = False

    @property
    def received(self) -> bytes:
        return bytes(self._received)

    @property
    def transport(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self._writer.transport)

    async def some(self) -> bytes:
        """Return the next bytes, empty at the end; raises ConnectionResetError when cut off."""
        if self._unread:
            data, self._unread = self._unread, b""
            return data
        data = await self._read()
        self._received += data
        return data

    async def _read(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            data = await self._reader.read(262_144)
        self.ended = not data
        return data

    async def swallow(self, size: int) -> int:
        """Read this many bytes without keeping them; return how many came before the end."""
        came = len(self._unread)
        self._unread = b""
        while came < size and (data := await self._read()):
            came += len(data)
        return came

    async def until(self, end: bytes) -> bytes:
        got = bytearray()
        while end not in got:
            data = await self.some()
            if not data:
                raise EOFError(bytes(got))
            got += data
        cut = got.index(end) + len(end)
        self._unread = bytes(got[cut:]) + self._unread
        return bytes(got[:cut])

    async def head(self) -> bytes:
        return await self.until(b"\r\n\r\n")

    async def exactly(self, size: int) -> bytes:
        got = bytearray()
        while len(got) < size:
            data = await self.some()
            if not data:
                raise EOFError(bytes(got))
            got += data
        self._unread = bytes(got[size:]) + self._unread
        return bytes(got[:size])

    async def rest(self) -> bytes:
        got = bytearray()
        while data := await self.some():
            got += data
        return bytes(got)

    async def answer(self) -> tuple[bytes, bytes]:
        """Return head and body of an answer with a length."""
        head = await self.head()
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                return head, await self.exactly(int(line[15:]))
        return head, b""

    async def send(self, data: bytes) -> None:
        if self.transport.is_closing():
            raise ConnectionResetError  # uvloop's transports take no bytes then
        self._writer.write(data)
        await self._writer.drain()

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    def half_close(self) -> None:
        self._writer.write_eof()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        sockets.reset(self._writer.transport)

    def abort(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()

    async def closed(self) -> bool:
        """Wait for the other side to end; return whether it did so cleanly."""
        try:
            await self.rest()
        except ConnectionError:
            return False
        return True
