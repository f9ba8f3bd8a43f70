"""A connection that goes from one door to another and back, as between workers and their owner."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from gateway.proxy.door import Present
from gateway.proxy.exchange import Exchange
from gateway.proxy.lending import written_head
from gateway.proxy.visitor_connection import VisitorConnection
from gateway.workers.adopting import adopt
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import HELLO, OneSession, Stage, explain, get, hello, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from config.errors import WarmgateError
    from gateway.proxy.asked import Asked
    from gateway.proxy.desk import Relaying
    from gateway.proxy.door import Arrived, Door
    from gateway.proxy.handling import Handling
    from gateway.proxy.request import RequestHead
    from tests.integration.proxy.peer import Peer as Client

OURS = b"GET /nosuch HTTP/1.1\r\nHost: notes.example\r\n\r\n"
SIZE = 400_000


class First(Present):
    """The door visitors come to; it relays what is read, and hands everything else to the stage's."""

    rested = None

    def __init__(self, here: Stage) -> None:
        super().__init__()
        self.limits = here.door.limits
        self.relayed = 0
        self.handed = 0
        self.returned = 0
        self._here = here
        self._desk = OneSession(here.connections)

    def receive(self, visitor: Arrived, head: RequestHead) -> Handling | None:
        place = self._place(head)
        if place is not None:
            self.relayed += 1
            return Exchange(visitor, head, place.place, place.connections)
        self.handed += 1
        visitor.hand_over(
            lambda given, behind: self.give(self._here.door, given, written_head(head) + behind)
        )
        return None

    def unsent(self) -> int:
        """How many bytes its visitor has not taken, nor the kernel for them."""
        transports = [cast("VisitorConnection", visitor)._transport.inner for visitor in self._visitors]
        return sum(transport.get_write_buffer_size() for transport in transports if transport is not None)

    def _place(self, head: RequestHead) -> Relaying | None:
        if head.method != "GET" or not head.target.startswith(b"/user/abc"):
            return None
        told = self._desk.receive(head, "127.0.0.1")
        return told if isinstance(told, tuple) else None

    def give(self, door: Door, connection: int, data: bytes) -> None:
        self._here.relay.spawn("adopt", adopt(door, socket.socket(fileno=connection), data))

    def take_back(self, visitor: Arrived) -> None:
        def back(given: int, behind: bytes) -> None:
            self.returned += 1
            self.give(self, given, behind)

        visitor.hand_over(back)

    def explain(self, asked: Asked, error: WarmgateError) -> web.Response:
        return explain(asked, error)  # type: ignore[arg-type]


@asynccontextmanager
async def two_doors(here: Stage) -> AsyncIterator[tuple[First, Client]]:
    """Yield the first of the two, and a visitor who came to it."""
    first = First(here)
    here.door.rested = first.take_back
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: VisitorConnection(first), "127.0.0.1", 0)
    client = Peer(*await asyncio.open_connection(*server.sockets[0].getsockname()))
    try:
        yield first, client
    finally:
        client.abort()
        server.close()
        first.abort()
        here.door.rested = None


async def test_requests_sent_ahead_are_answered_in_order_whoever_answers_them() -> None:
    async with stage() as here, two_doors(here) as (_, client):
        await client.send((get() + OURS) * 5)
        for _ in range(5):
            assert (await client.answer())[1] == b"hello"
            assert (await client.answer())[0].startswith(b"HTTP/1.1 404 ")


async def test_a_connection_is_handed_over_once_its_visitor_has_taken_the_answers() -> None:
    size = 30_000  # less than what a transport holds before it asks to wait

    async def script(peer: Peer) -> None:
        while True:
            await peer.head()
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))

    async with stage(script) as here, two_doors(here) as (first, client):
        client.transport.pause_reading()
        asked = 0

        async def answered(times: int) -> None:
            await until(lambda: here.meter.sent == times * size)

        while not first.unsent():
            asked += 1
            await client.send(get())
            await answered(asked)
        await client.send(OURS)
        await until(lambda: first.handed == 1)
        client.transport.resume_reading()
        for _ in range(asked):
            assert len((await client.answer())[1]) == size
        assert (await client.answer())[0].startswith(b"HTTP/1.1 404 ")


async def test_a_connection_comes_back_when_its_request_is_answered() -> None:
    async with stage() as here, two_doors(here) as (first, client):
        for times in range(1, 4):
            await client.send(OURS)
            await client.answer()
            await until(lambda: first.returned == first.handed)
            await client.send(get())
            assert (await client.answer())[1] == b"hello"
            assert (first.handed, first.relayed) == (times, times)


async def test_a_body_that_was_read_is_not_read_again_as_a_request() -> None:
    refused = b"POST /user/a%%00b/ HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(get()), get())
    async with stage() as here, two_doors(here) as (first, client):
        for _ in range(3):
            await client.send(refused)
            assert (await client.answer())[1] == b"W403"
            await until(lambda: first.returned == first.handed)
        assert first.relayed == 0
        await client.send(get())
        assert (await client.answer())[1] == b"hello"


async def test_a_head_that_has_begun_stays_whole() -> None:
    async with stage(hello) as here, two_doors(here) as (_, client):
        for cut in (1, 20, len(get()) - 1):
            await client.send(OURS + get()[:cut])
            await client.answer()
            await asyncio.sleep(0.02)
            await client.send(get()[cut:])
            assert (await client.answer())[1] == b"hello"


async def test_what_comes_over_a_connection_that_is_handed_over_comes_behind_what_came_before() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.exactly(SIZE)
        await peer.send(HELLO)

    body = bytes(range(250)) * (SIZE // 250)
    async with stage(script) as here, two_doors(here) as (_, client):
        for number in range(5):
            await client.send(get(str(number), f"Content-Length: {SIZE}", method="PUT") + body)
            assert (await client.answer())[1] == b"hello"
        assert all(peer.received.endswith(b"\r\n\r\n" + body) for peer in here.peers)


async def test_a_visitor_who_leaves_while_their_connection_is_handed_over_leaves_nothing_behind() -> None:
    async with stage() as here, two_doors(here) as (first, client):
        await client.send(get() + OURS)
        client.reset()
        await until(lambda: first.relayed == 1 and not first._visitors and not here.door._present._visitors)
