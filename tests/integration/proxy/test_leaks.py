from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import BASE, HELLO, Stage, get, stage
from tests.integration.proxy.websocket import MIB, ask, frame, grant

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TIMES = 8
SIZE = 200 * MIB
GROWTH = 48 * MIB  # what 200 MiB may leave behind in passing: socket buffers of both ends are in this process
KINDS = frozenset({"Exchange", "HardenedHandler", "Reader", "Reply", "Tunnel", "Wire"})


async def events(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await peer.send(b"5\r\nevent\r\n")
        await asyncio.sleep(0.02)


async def stuck(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
    await peer.rest()


async def flood(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (100 * MIB))
    while True:
        await peer.send(bytes(MIB))


async def websocket(peer: Peer) -> None:
    await peer.send(grant() + frame(1, b"hi"))
    await peer.rest()


async def websocket_flood(peer: Peer) -> None:
    await peer.send(grant())
    while True:
        await peer.send(frame(2, bytes(MIB)))


async def quick(peer: Peer) -> None:
    await peer.send(HELLO)


ANSWERS = {
    b"quick": quick, b"events": events, b"stuck": stuck, b"flood": flood,
    b"ws": websocket, b"wsflood": websocket_flood, b"silent": Peer.rest,
}  # fmt: skip


async def answer_by_path(peer: Peer) -> None:
    """Do what the first word of the path says."""
    while True:
        head = await peer.head()
        await ANSWERS[head.split(b" ")[1].removeprefix(BASE.encode()).split(b"?")[0]](peer)


STAGES = {
    "before a word": b"",
    "in the request line": b"GET /us",
    "in the head": get()[:-2],
    "waiting for an answer": get("silent"),
    "waiting behind another request": get("silent") + get("quick"),
    "before the body": get("silent", "Content-Length: 5", method="PUT"),
    "before the body was asked for": get("silent", "Content-Length: 5", "Expect: 100-continue", method="PUT"),
    "in a body with a length": get("silent", "Content-Length: 50", method="PUT") + b"12",
    "in a chunk": get("silent", "Transfer-Encoding: chunked", method="PUT") + b"5\r\nhel",
    "between chunks": get("silent", "Transfer-Encoding: chunked", method="PUT") + b"5\r\nhello\r\n",
    "behind a whole body": get("silent", "Content-Length: 5", method="PUT") + b"12345",
    "in an answer that is stuck": get("stuck"),
    "in a stream of events": get("events"),
    "in a download": get("flood"),
    "behind an answer": get("quick"),
    "waiting for a websocket": ask("silent"),
    "in a websocket": ask("ws"),
    "in a frame": ask("ws") + frame(2, bytes(1000), masked=True)[:500],
    "in a flood of frames": ask("wsflood"),
    "behind a refusal": b"GET / HTTP/1.1\r\n\r\n",
}

LEAVINGS: dict[str, Callable[[Peer], None]] = {
    "closing": Peer.close,
    "cut off": Peer.reset,
    "half-closing": Peer.half_close,
}


def alive() -> int:
    gc.collect()
    return sum(type(thing).__name__ in KINDS for thing in gc.get_objects())


def descriptors() -> int:
    return psutil.Process().num_fds()


def counts() -> tuple[int, int, int]:
    return descriptors(), len(asyncio.all_tasks()), alive()


async def visit(here: Stage, sent: bytes, leave: Callable[[Peer], None]) -> None:
    client = await here.client()
    if b"flood" in sent:
        client.transport.pause_reading()
    await client.send(sent)
    await asyncio.sleep(0.03)
    leave(client)
    if leave is Peer.half_close:
        # The gateway takes a half-closed connection for a visitor who left.
        client.transport.resume_reading()
        await client.closed()
        client.close()


@pytest.mark.parametrize("leaving", LEAVINGS)
@pytest.mark.parametrize("where", STAGES)
async def test_a_visitor_who_leaves_leaves_nothing_behind(where: str, leaving: str) -> None:
    async with stage(answer_by_path) as here:
        await visit(here, STAGES[where], LEAVINGS[leaving])  # whatever is made once is made now
        await settled(here)
        before = counts()
        async with asyncio.TaskGroup() as group:
            for _ in range(TIMES):
                group.create_task(visit(here, STAGES[where], LEAVINGS[leaving]))
        await settled(here)
        await until(lambda: all(now <= then for now, then in zip(counts(), before, strict=True)))
        assert here.meter.open == 0


async def settled(here: Stage) -> None:
    here.connections._sweep()
    await until(lambda: here.connections.tunnels == 0 and not here.connections._busy)
    for wire in list(here.connections._idle):
        wire.close()
    here.clients.clear()
    await until(lambda: all(peer.transport.is_closing() for peer in here.peers))
    here.peers.clear()


async def test_sessions_that_end_leave_nothing_behind() -> None:
    async def one() -> None:
        async with stage(answer_by_path) as here:
            clients = [await here.client() for _ in STAGES]
            for client, sent in zip(clients, STAGES.values(), strict=True):
                client.write(sent)
            await asyncio.sleep(0.05)
            here.connections.end("idle")
            await until(lambda: len(here.connections) == 0)

    await one()
    before = counts()
    for _ in range(3):
        await one()
    await until(lambda: all(now <= then for now, then in zip(counts(), before, strict=True)))


class Peak:
    """How far this process grew while something ran."""

    async def over(self, work: Awaitable[object]) -> int:
        process = psutil.Process()
        gc.collect()
        before = process.memory_info().rss
        highest = before

        async def watch() -> None:
            nonlocal highest
            while True:
                highest = max(highest, process.memory_info().rss)
                await asyncio.sleep(0.01)

        watching = asyncio.get_running_loop().create_task(watch())
        try:
            await work
        finally:
            watching.cancel()
        return highest - before


def body(framing: str) -> list[bytes]:
    piece = bytes(MIB)
    if framing == "chunked":
        return [b"%x\r\n" % MIB + piece + b"\r\n"] * (SIZE // MIB) + [b"0\r\n\r\n"]
    return [piece] * (SIZE // MIB)


FRAMINGS = {"length": f"Content-Length: {SIZE}", "chunked": "Transfer-Encoding: chunked"}


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_a_large_download_to_a_slow_visitor_needs_little_memory(framing: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(f"HTTP/1.1 200 OK\r\n{FRAMINGS[framing]}\r\n\r\n".encode())
        for piece in body(framing):
            await peer.send(piece)
        await peer.rest()

    async with stage(script) as here:
        client = await here.client()
        await client.send(get())
        await client.head()

        async def slowly() -> None:
            for _ in range(20):
                await client.swallow(MIB)
                client.transport.pause_reading()
                await asyncio.sleep(0.02)
                client.transport.resume_reading()
            await until_sent()

        async def until_sent() -> None:
            while here.meter.sent < SIZE:
                await client.swallow(MIB)

        assert await Peak().over(slowly()) < GROWTH
        assert here.meter.sent == SIZE


@pytest.mark.parametrize("framing", FRAMINGS)
async def test_a_large_upload_to_a_slow_instance_needs_little_memory(framing: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        for _ in range(20):
            await peer.swallow(MIB)
            peer.transport.pause_reading()
            await asyncio.sleep(0.02)
            peer.transport.resume_reading()
        while here.meter.received < SIZE:
            await peer.swallow(MIB)
        await peer.send(HELLO)
        await peer.swallow(SIZE)

    async with stage(script) as here:
        client = await here.client()

        async def upload() -> None:
            await client.send(get("x", FRAMINGS[framing], method="PUT"))
            for piece in body(framing):
                await client.send(piece)
            assert (await client.answer())[1] == b"hello"

        assert await Peak().over(upload()) < GROWTH
        assert here.meter.received == SIZE
