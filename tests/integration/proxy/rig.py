"""A gateway's door, one session behind it, and a scripted server as its instance."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from aiohttp import web

from gateway.errors import BadRequest, MethodRefused, SessionUnknown
from gateway.proxy import guard, paths
from gateway.proxy.desk import Relaying
from gateway.proxy.hardened import HardenedRunner, HardenedServer
from gateway.proxy.limits import Limits
from gateway.proxy.origins import METHODS, Origins
from gateway.proxy.relay import Relay
from gateway.proxy.visitor import Visitors
from pool.engines.engine import Address
from pool.upstream import Upstream
from tests.integration.proxy.peer import LOOK_EVERY, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp.typedefs import Handler

    from config.errors import WarmgateError
    from gateway.policy.ruling import Passed
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.desk import Amend
    from gateway.proxy.request import RequestHead


ID = "abcdefghijklmnopqrstuvwxyz"


BASE = f"/user/{ID}/"


SECRET = "5ecre75ecre75ecre75ecre7"


LIMITS = Limits(
    connect=2.0,
    first_byte=5.0,
    upgrade=5.0,
    client_body=5.0,
    client_stall=5.0,
    upstream_stall=5.0,
    flush=1.0,
    close_grace=0.3,
    cause=0.3,
    half_closed=0.3,
)


HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


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
    losses: int = 0
    refusals: int = 0

    def request(self, status: int) -> None:
        self.statuses.append(status)

    def to_instance(self, size: int) -> None:
        self.received += size

    def to_visitor(self, size: int) -> None:
        self.sent += size

    def lost(self) -> None:
        self.losses += 1

    def refused(self) -> None:
        self.refusals += 1

    def tunnel_opened(self) -> None:
        self.open += 1

    def tunnel_closed(self) -> None:
        self.open -= 1


SCRIPT = b"<script>ours()</script>"


@dataclass
class Session:
    """The one session of a stage."""

    upstream: Upstream
    instance_id: str = "instance-one"
    pool: str = "demo"
    touched: int = 0
    is_heartbeat: Callable[[bytes], bool] | None = None
    judged: bool = False

    def is_activity(self, method: str, path: str) -> bool:
        return not path.startswith("api/poll")

    def hides_secret(self, path: str, status: int) -> bool:
        return path.startswith(("lab", "tree"))

    def page_script(self, path: str) -> bytes:
        return SCRIPT if path == "scripted" else b""

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

    door: HardenedServer

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
    if isinstance(error, MethodRefused):
        response.headers["Allow"] = METHODS
    if isinstance(error, BadRequest):
        response.force_close()
    return response


@dataclass
class OneSession:
    """The desk of a gateway that has one session."""

    connections: SessionConnections
    passed: Passed | None = None
    amend: Amend | None = None

    def receive(self, head: RequestHead, peer: str | None) -> Relaying | web.Response | None:
        place = paths.parse(head.target)
        if isinstance(place, paths.SessionPath) and place.id == ID:
            if guard.ends_here(head.method, head.named):
                return web.Response(status=204)
            amend = self.amend if head.has_body else None
            return Relaying(place, self.connections, amend, self.passed)
        if isinstance(place, paths.Other):
            return None
        raise place.error if isinstance(place, paths.Refused) else SessionUnknown


def door(connections: SessionConnections, limits: Limits, passed: Passed | None = None) -> HardenedRunner:
    """Return what a gateway does with requests for its one session."""

    async def first(request: web.Request, handler: Handler) -> web.StreamResponse:
        return await handler(request)

    return HardenedRunner(
        web.Application(),
        first=first,
        explain=explain,
        desk=OneSession(connections, passed),
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
    passed: Passed | None = None,
) -> AsyncIterator[Stage]:
    instance = Instance(script)
    server = await asyncio.start_server(instance.accept, "127.0.0.1", 0)
    there = address or Address("127.0.0.1", server.sockets[0].getsockname()[1])
    session = Session(Upstream(there, BASE, base, (("Authorization", f"token {SECRET}"),), SECRET))
    session.judged = passed is not None
    meter = Counts()
    relay = Relay(
        origins=origins or Origins(),
        visitors=visitors or Visitors(),
        meter=meter,
        limits=limits,
        on_loss=meter.lost,
    )
    connections = relay.connect(session)
    runner = door(connections, limits, passed)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door_of_all = cast("HardenedServer", runner.server)
    here = Stage(runner.addresses[0][1], relay, session, connections, meter, instance.peers, door_of_all)
    try:
        yield here
    finally:
        connections.end()
        for client in here.clients:
            client.abort()
        await runner.cleanup()
        await relay.close()
        server.close()
        await instance.stop()
        await asyncio.sleep(LOOK_EVERY)
