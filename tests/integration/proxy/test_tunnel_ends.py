from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

import pytest

from gateway.proxy.frames import FrameScanner, close_frame
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import LIMITS, stage
from tests.integration.proxy.websocket import MIB, ask, echo, frame, grant, opened, quiet, switching


async def test_when_the_instance_ends_the_visitor_gets_all_it_sent_and_then_the_end() -> None:
    last = frame(2, bytes(MIB)) + close_frame(1000, "bye")

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant() + last)

    async with stage(script) as here:
        client = await here.client()
        await client.send(ask())
        await client.head()
        assert await client.rest() == last
        client.close()
        await until(lambda: here.meter.open == 0)
        assert here.connections.tunnels == 0


async def test_when_the_visitor_ends_the_instance_gets_all_they_sent_and_then_the_end() -> None:
    last = frame(2, bytes(MIB), masked=True) + close_frame(1000, "bye", b"mask")
    async with stage(switching(quiet)) as here:
        client = await opened(here)
        await client.send(last)
        client.close()
        await until(lambda: here.peers[0].ended)
        assert here.peers[0].received.endswith(last)
        assert here.meter.open == 0


async def test_an_instance_that_is_cut_off_cuts_off_the_visitor_without_inventing_a_goodbye() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant() + frame(1, b"hi"))
        await asyncio.sleep(0.05)
        peer.reset()

    async with stage(script) as here:
        client = await opened(here)
        await client.closed()
        assert client.received.endswith(frame(1, b"hi"))
        client.close()


@pytest.mark.parametrize(("reason", "told"), [("out_of_memory", "W417 out_of_memory"), ("died", "W404 died")])
async def test_a_visitor_hears_why_the_instance_ended_although_its_connection_broke_first(
    reason: str, told: str
) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant() + frame(1, b"hi"))
        await asyncio.sleep(0.05)
        peer.reset()

    async with stage(script, limits=replace(LIMITS, cause=10.0)) as here:
        client = await opened(here)
        await until(lambda: here.meter.losses > 0)
        here.connections.end(reason)
        goodbye = close_frame(4410, told)
        await client.send(close_frame(1000, "", b"mask"))
        assert (await client.rest()).endswith(goodbye)
        await until(lambda: here.connections.tunnels == 0)
        client.close()


async def test_a_restart_meanwhile_is_not_held_up() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        peer.reset()

    async with stage(script, limits=replace(LIMITS, cause=10.0)) as here:
        client = await opened(here)
        await until(lambda: here.meter.losses > 0)
        await here.relay.close_tunnels()
        assert here.connections.tunnels == 0
        goodbye = close_frame(1012, "restarting")
        assert await client.exactly(len(goodbye)) == goodbye
        client.close()


async def test_a_visitor_who_leaves_meanwhile_is_not_waited_for() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        peer.reset()

    async with stage(script, limits=replace(LIMITS, cause=60.0)) as here:
        client = await opened(here)
        await until(lambda: here.meter.losses > 0)
        client.close()
        await until(lambda: here.connections.tunnels == 0)


async def test_a_restart_says_goodbye_to_both_sides_with_1012() -> None:
    async with stage(switching(echo)) as here:
        client = await opened(here)
        await client.send(frame(1, b"hi", masked=True))
        await client.exactly(8)
        closing = asyncio.get_running_loop().create_task(here.relay.close_tunnels())
        assert await client.exactly(14) == close_frame(1012, "restarting")
        await client.send(close_frame(1012, "", b"mask"))
        assert await client.rest() == b""
        await closing
        assert here.connections.tunnels == 0
        await until(lambda: here.peers[0].ended)
        scanner = FrameScanner()
        scanner.feed(here.peers[0].received.partition(b"\r\n\r\n")[2])
        assert scanner.closed
        assert scanner.at_boundary()


async def test_the_end_of_a_session_says_goodbye_and_ends_even_if_nobody_answers() -> None:
    async with stage(switching(quiet)) as here:
        client = await opened(here)
        here.connections.end("idle")
        goodbye = close_frame(4410, "W404 idle")
        assert await client.exactly(len(goodbye)) == goodbye
        await until(lambda: here.connections.tunnels == 0)
        assert await client.rest() == b""
        client.close()


async def test_a_goodbye_is_never_put_into_the_middle_of_a_frame() -> None:
    half = frame(2, bytes(1000))[:500]

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant() + half)
        await peer.rest()

    async with stage(script) as here:
        client = await opened(here)
        assert await client.exactly(len(half)) == half
        await client.send(frame(2, b"12345", masked=True)[:-1])
        await until(lambda: here.meter.received > 0)
        here.connections.end()
        assert not await client.closed()
        assert client.received.endswith(half)
        await until(lambda: here.peers[0].ended)
        assert here.peers[0].received.endswith(b"1234")
        client.close()


async def test_a_goodbye_is_not_said_twice() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant() + close_frame(1000))
        await peer.rest()

    async with stage(script) as here:
        client = await opened(here)
        assert await client.exactly(4) == close_frame(1000)
        here.connections.end()
        assert await client.rest() == b""
        client.close()


async def test_a_visitor_who_takes_no_bytes_makes_the_instance_wait() -> None:
    sent = 0

    async def script(peer: Peer) -> None:
        nonlocal sent
        await peer.head()
        await peer.send(grant())
        piece = frame(2, bytes(MIB))
        for _ in range(256):
            await peer.send(piece)
            sent += len(piece)
        await peer.rest()

    async with stage(script) as here:
        client = await opened(here)
        client.transport.pause_reading()
        await asyncio.sleep(0.5)
        assert sent < 64 * MIB
        client.transport.resume_reading()
        total = 256 * len(frame(2, bytes(MIB)))
        assert await client.swallow(total) == total
        client.close()


async def test_an_instance_that_takes_no_bytes_makes_the_visitor_wait() -> None:
    read_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        peer.transport.pause_reading()
        await read_on.wait()
        peer.transport.resume_reading()
        await peer.rest()

    async with stage(script) as here:
        client = await opened(here)
        piece = frame(2, bytes(MIB), masked=True)
        total = 0
        try:
            async with asyncio.timeout(0.5):
                while True:
                    await client.send(piece)
                    total += len(piece)
        except TimeoutError:
            total += len(piece)
        assert here.meter.received < 64 * MIB
        read_on.set()
        client.close()
        await until(lambda: here.peers[0].ended)
        assert len(here.peers[0].received.partition(b"\r\n\r\n")[2]) == total


async def test_a_visitor_who_takes_no_bytes_for_long_is_given_up() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        await peer.send(frame(2, bytes(64 * MIB)))
        await peer.rest()

    async with stage(script, limits=replace(LIMITS, client_stall=0.3)) as here:
        client = await opened(here)
        client.transport.pause_reading()
        await until(lambda: here.meter.open == 0)
        await until(lambda: len(here.connections) == 0)
        client.reset()


async def test_an_instance_that_takes_no_bytes_for_long_is_given_up() -> None:
    given_up = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        peer.transport.pause_reading()
        await given_up.wait()
        peer.reset()

    async with stage(script, limits=replace(LIMITS, upstream_stall=0.3)) as here:
        client = await opened(here)
        flood = asyncio.get_running_loop().create_task(client.send(frame(2, bytes(64 * MIB), masked=True)))
        await until(lambda: here.meter.open == 0)
        given_up.set()
        with suppress(ConnectionResetError):
            await flood
        await until(lambda: len(here.connections) == 0)
        client.reset()


async def test_a_restart_does_not_wait_for_a_visitor_who_takes_no_bytes() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        await peer.send(frame(2, bytes(64 * MIB)))
        await peer.rest()

    async with stage(script) as here:
        client = await opened(here)
        client.transport.pause_reading()
        await asyncio.sleep(0.2)
        await here.relay.close_tunnels()
        assert here.connections.tunnels == 0
        client.reset()
