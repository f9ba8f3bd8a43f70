"""Stands between the gateway and its engine, and does there what a sick engine does."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path

CHUNK = 65536
"""Bytes read at once."""

REQUEST = re.compile(rb"(?:GET|POST|PUT|DELETE|HEAD) \S+")
"""How a request begins. Its sender sends none before the last one's answer."""


@dataclass(slots=True, eq=False)
class Line:
    """One connection of the gateway, and what is known of the request on it."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    request: bytes = b""
    """Method and path of the request last seen."""

    def cut(self) -> None:
        """End it for both sides, without a word."""
        self.near.transport.abort()
        self.far.transport.abort()


@dataclass(slots=True)
class Toxics:
    """Passes everything on as it is until told otherwise."""

    latency: float = 0.0
    """Seconds each piece of an answer is held back."""
    rate: float = 0.0
    """Bytes a second of an answer; 0 is as fast as they come."""
    lose: re.Pattern[bytes] | None = None
    """Requests of which method and path match reach the engine; their answers reach nobody."""
    lost: int = 0
    """Answers lost so."""
    hold: re.Pattern[bytes] | None = None
    """Requests of which method and path match reach the engine only when `hold` is taken back."""
    held: int = 0
    """Requests held so."""
    lines: set[Line] = field(default_factory=set)
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)

    def hang(self) -> None:
        """Take everything and pass nothing on."""
        self._flowing.clear()

    def go_on(self) -> None:
        """Pass on what has come meanwhile."""
        self._flowing.set()

    def cut(self) -> None:
        """Cut every connection there is; new ones may be made."""
        for line in tuple(self.lines):
            line.cut()

    async def ask(self, line: Line, reader: asyncio.StreamReader) -> None:
        """Carry what the gateway says to the engine."""
        while data := await reader.read(CHUNK):
            if found := REQUEST.match(data):
                line.request = found[0]
            if self.hold is not None and self.hold.search(line.request):
                self.held += 1
                while self.hold is not None:  # noqa: ASYNC110 - whoever set it takes it back
                    await asyncio.sleep(0.05)
            await self._flowing.wait()
            line.far.write(data)
            await line.far.drain()
        # What is held back has arrived: the engine works on it though its sender has gone.
        line.far.write_eof()

    async def answer(self, line: Line, reader: asyncio.StreamReader) -> None:
        """Carry what the engine says to the gateway."""
        while data := await reader.read(CHUNK):
            if self.lose is not None and self.lose.search(line.request):
                self.lost += 1
                line.cut()
                return
            await self._flowing.wait()
            await asyncio.sleep(self.latency + (len(data) / self.rate if self.rate else 0.0))
            line.near.write(data)
            await line.near.drain()
        line.near.close()


@asynccontextmanager
async def between(socket: Path, engine: str) -> AsyncIterator[Toxics]:
    """Serve the engine whose socket is at the path `engine` at the path `socket`."""
    toxics = Toxics()
    toxics.go_on()

    async def connected(reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            back, far = await asyncio.open_unix_connection(engine)
        except OSError:
            near.transport.abort()
            return
        line = Line(near, far)
        toxics.lines.add(line)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_until_cut(toxics.ask(line, reader)))
                both.create_task(_until_cut(toxics.answer(line, back)))
        finally:
            toxics.lines.discard(line)
            line.cut()

    server = await asyncio.start_unix_server(connected, socket)
    try:
        yield toxics
    finally:
        toxics.go_on()
        toxics.hold = None
        server.close()
        toxics.cut()
        await asyncio.to_thread(socket.unlink)


async def _until_cut(carrying: Coroutine[None, None, None]) -> None:
    with suppress(OSError):
        await carrying
