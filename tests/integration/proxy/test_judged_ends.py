"""How a websocket whose messages are judged ends, on real sockets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.proxy.frames import close_frame
from tests.integration.proxy.judging import HEAD_END, judged, text
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import LIMITS
from tests.integration.proxy.websocket import frame, opened, quiet

BROKEN = {
    "unmasked": frame(1, b"hello"),
    "a reserved bit": b"\xc1\x85" + bytes(4) + b"hello",
    "an unknown opcode": b"\x83\x80" + bytes(4),
    "a piece of nothing": b"\x80\x80" + bytes(4),
    "a message inside of another": b"\x01\x80" + bytes(4) + text("x"),
    "a long ping": b"\x89\xfe\x00\x7e" + bytes(4 + 126),
    "a ping in pieces": b"\x09\x80" + bytes(4),
    "bytes that are no text": frame(1, b"\xff", masked=True),
    "half a character": frame(1, "ö".encode()[:1], masked=True),
    "a goodbye of one byte": frame(8, b"\x03", masked=True),
    "a goodbye with no code there is": frame(8, b"\x03\xec", masked=True),
    "a message too long": b"\x82\xff" + (LIMITS.message_of_visitor + 1).to_bytes(8, "big") + bytes(4),
    "signs of life without end": frame(10, masked=True) * (2 * LIMITS.frames_at_once),
    "pieces without end": (b"\x01\x80" + bytes(4)) + (b"\x00\x80" + bytes(4)) * 1024,
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_websocket_ends_it_with_a_goodbye_that_says_so(name: str) -> None:
    async with judged() as (here, looked_at):
        client = await opened(here)
        await client.send(BROKEN[name] + text("after"))
        head = await client.exactly(2)
        assert head[0] == 0x88
        await client.exactly(head[1])
        await until(lambda: here.connections.tunnels == 0)
        assert looked_at.rules[0].heard == []
        client.close()


async def test_an_instance_that_breaks_the_rules_ends_it_for_both() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"\xc1\x05hello")
        await peer.rest()

    async with judged(script) as (here, looked_at):
        client = await opened(here)
        assert (await client.exactly(4))[:1] == b"\x88"
        await client.send(close_frame(1002, "", b"mask"))
        await until(lambda: here.connections.tunnels == 0)
        assert looked_at.rules[0].heard == []
        client.close()


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "leaving"), (4000, "own")])
async def test_a_visitors_goodbye_reaches_the_instance(code: int, reason: str) -> None:
    async with judged(quiet) as (here, _):
        client = await opened(here)
        await client.send(close_frame(code, reason, bytes(4)))
        goodbye = close_frame(code, reason)
        assert await client.exactly(len(goodbye)) == goodbye
        await until(lambda: here.connections.tunnels == 0)
        await until(lambda: here.peers[0].ended)
        written = here.peers[0].received.partition(HEAD_END)[2]
        assert written[0] == 0x88
        assert len(written) == len(goodbye) + 4
        client.close()


async def test_an_instances_goodbye_reaches_the_visitor() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(frame(1, b"last words") + close_frame(1001, "restart"))
        await peer.rest()

    async with judged(script) as (here, _):
        client = await opened(here)
        words = frame(1, b"last words") + close_frame(1001, "restart")
        assert await client.exactly(len(words)) == words
        await client.send(close_frame(1001, "", bytes(4)))
        await until(lambda: here.connections.tunnels == 0)
        client.close()


async def test_the_end_of_a_session_is_told_with_its_reason() -> None:
    async with judged(quiet) as (here, _):
        client = await opened(here)
        here.connections.end("idle")
        goodbye = close_frame(4410, "W404 idle")
        assert await client.exactly(len(goodbye)) == goodbye
        await until(lambda: here.connections.tunnels == 0)
        client.close()


async def test_a_visitor_hears_why_their_instance_is_gone() -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async with judged(script, limits=replace(LIMITS, cause=10.0)) as (here, _):
        client = await opened(here)
        await until(lambda: here.meter.losses > 0)
        here.connections.end("out_of_memory")
        goodbye = close_frame(4410, "W417 out_of_memory")
        assert await client.exactly(len(goodbye)) == goodbye
        await until(lambda: here.connections.tunnels == 0)
        client.close()


async def test_where_nobody_can_say_why_the_connection_is_cut() -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async with judged(script, limits=replace(LIMITS, cause=0.05)) as (here, _):
        client = await opened(here)
        assert await client.rest() == b""
        await until(lambda: here.connections.tunnels == 0)


async def test_a_visitor_who_goes_away_takes_the_instances_connection_along() -> None:
    async with judged(quiet) as (here, _):
        client = await opened(here)
        client.reset()
        await until(lambda: here.connections.tunnels == 0)
        await until(lambda: here.peers[0].ended)
