"""A gateway's door, one session behind it, a scripted server as its instance, and a client of bare bytes."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from aiohttp import web

from config.errors import WarmgateError
from gateway.errors import BadRequest, SessionUnknown
from gateway.proxy import guard, paths, sockets
from gateway.proxy.hardened import HardenedRunner
from gateway.proxy.limits import Limits
from gateway.proxy.origins import Origins
from gateway.proxy.relay import Relay
from gateway.proxy.visitor import Visitors
from pool.engines.engine import Address
from pool.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp.typedefs import Handler

    from gateway.proxy.connections import SessionConnections

ID = "abcdefghijklmnopqrstuvwxyz"
BASE = f"/user/{ID}/"
SECRET = "5ecre75ecre75ecre75ecre7"
PATIENCE = 15.0  # seconds until something that must happen is given up
LOOK_EVERY = 0.01  # seconds

LIMITS = Limits(
    connect=2.0,
    first_byte=5.0,
    upgrade=5.0,
    client_body=5.0,
    client_stall=5.0,
    upstream_stall=5.0,
    flush=1.0,
    close_grace=0.3,
)

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


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


async def hello(peer: Peer) -> None:
    """Answer every request without a body with the same greeting."""
    while True:
        await peer.head()
        await peer.send(HELLO)


@dataclass
class Counts:
    """A meter that remembers."""

    statuses: list[int] = field(default_factory=list)
    received: int = 0
    sent: int = 0
    open: int = 0

    def request(self, status: int) -> None:
        self.statuses.append(status)

    def to_instance(self, size: int) -> None:
        self.received += size

    def to_visitor(self, size: int) -> None:
        self.sent += size

    def tunnel_opened(self) -> None:
        self.open += 1

    def tunnel_closed(self) -> None:
        self.open -= 1


@dataclass
class Session:
    """The one session of a stage."""

    upstream: Upstream
    instance_id: str = "instance-one"
    touched: int = 0

    def is_activity(self, method: str, path: str) -> bool:
        return not path.startswith("api/poll")

    def hides_secret(self, path: str) -> bool:
        return path.startswith(("lab", "tree"))

    def touch(self) -> None:
        self.touched += 1


@dataclass
class Stage:
    """Everything a test looks at."""

    port: int
    relay: Relay
    session: Session
    connections: SessionConnections
    meter: Counts
    peers: list[Peer]
    """The connections the instance has accepted, in their order."""

    clients: list[Peer] = field(default_factory=list)

    async def client(self) -> Peer:
        client = Peer(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request over a connection of its own; return head and body of the answer."""
        client = await self.client()
        await client.send(request)
        try:
            return await client.answer()
        finally:
            client.close()


def get(path: str = "x", *fields: str, method: str = "GET") -> bytes:
    lines = (f"{method} {BASE}{path} HTTP/1.1", "Host: notes.example", *fields, "", "")
    return "\r\n".join(lines).encode("latin-1")


class Instance:
    """The scripted server; runs `script` with each connection it accepts."""

    def __init__(self, script: Callable[[Peer], Awaitable[None]]) -> None:
        self._script = script
        self._tasks: set[asyncio.Task[None]] = set()
        self.peers: list[Peer] = []

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer)
        self.peers.append(peer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        with suppress(EOFError, ConnectionError, asyncio.CancelledError):
            await self._script(peer)
        writer.close()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for peer in self.peers:
            peer.abort()


def explain(_request: web.BaseRequest, error: WarmgateError) -> web.Response:
    response = web.Response(status=error.status, text=error.code)
    if isinstance(error, BadRequest):
        response.force_close()
    return response


def door(relay: Relay, connections: SessionConnections, limits: Limits) -> HardenedRunner:
    """Return what a gateway does with requests for its one session."""

    async def first(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            version = request.version.major, request.version.minor
            target = request.raw_path.encode("utf-8", "surrogateescape")
            place = paths.parse(guard.check(version, request.method, target, request.raw_headers))
            if isinstance(place, paths.SessionPath) and place.id == ID:
                return await relay.handle(request, place, connections)
            if isinstance(place, paths.Other):
                return await handler(request)
            raise place.error if isinstance(place, paths.Refused) else SessionUnknown
        except WarmgateError as error:
            return explain(request, error)

    return HardenedRunner(
        web.Application(),
        first=first,
        explain=explain,
        limits=limits,
        handle_signals=False,
        shutdown_timeout=1.0,
    )


@asynccontextmanager
async def stage(
    script: Callable[[Peer], Awaitable[None]] = hello,
    *,
    base: str = BASE,
    limits: Limits = LIMITS,
    origins: Origins | None = None,
    visitors: Visitors | None = None,
    address: Address | None = None,
) -> AsyncIterator[Stage]:
    instance = Instance(script)
    server = await asyncio.start_server(instance.accept, "127.0.0.1", 0)
    there = address or Address("127.0.0.1", server.sockets[0].getsockname()[1])
    session = Session(Upstream(there, BASE, base, (("Authorization", f"token {SECRET}"),), SECRET))
    meter = Counts()
    relay = Relay(origins=origins or Origins(), visitors=visitors or Visitors(), meter=meter, limits=limits)
    connections = relay.connect(session)
    runner = door(relay, connections, limits)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = Stage(runner.addresses[0][1], relay, session, connections, meter, instance.peers)
    try:
        yield here
    finally:
        connections.end()
        for client in here.clients:
            client.abort()
        await runner.cleanup()
        server.close()
        await instance.stop()
        await asyncio.sleep(LOOK_EVERY)
