"""A websocket whose messages are judged, on real sockets: what crosses, and what does not."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from gateway.policy.ruling import Passed
from gateway.proxy.frames import close_frame
from tests.integration.proxy.judging import HEAD_END, judged, text
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import LIMITS, stage
from tests.integration.proxy.websocket import MIB, ask, frame, opened, quiet, switching


async def test_a_message_that_may_pass_is_written_anew_and_so_is_its_answer() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(text("hello"))
        assert await client.exactly(7) == frame(1, b"hello")
        written = here.peers[0].received.partition(HEAD_END)[2]
        assert written[:2] == b"\x81\x85"
        # Masked with four bytes of our own, not with the visitor's.
        assert written[2:6] != bytes(4)
        assert here.session.touched
        client.close()


async def test_a_message_in_pieces_reaches_the_instance_as_one() -> None:
    async with judged() as (here, looked_at):
        client = await opened(here)
        whole = text("hello")
        pieces = [b"\x01\x82" + whole[2:8], b"\x00\x81" + bytes(4) + b"l", b"\x80\x82" + bytes(4) + b"lo"]
        for piece in pieces:
            await client.send(piece)
            await asyncio.sleep(0.01)
        assert await client.exactly(7) == frame(1, b"hello")
        assert looked_at.rules[0].heard[0] == "hello"
        client.close()


async def test_a_session_has_only_so_many_judged_websockets_at_once() -> None:
    async with judged(limits=replace(LIMITS, judged=2)) as (here, _):
        first, second = await opened(here), await opened(here)
        await until(lambda: here.connections.tunnels == 2)
        client = await here.client()
        await client.send(ask("ws"))
        assert (await client.head()).startswith(b"HTTP/1.1 503 ")
        assert await client.exactly(4) == b"W504"
        first.close()
        await until(lambda: here.connections.tunnels == 1)
        (await opened(here)).close()
        second.close()
        client.close()


async def test_a_refused_message_is_answered_and_never_reaches_the_instance() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(text("no"))
        assert await client.exactly(9) == frame(1, b"refused")
        assert here.peers[0].received.partition(HEAD_END)[2] == b""
        assert here.meter.refusals == 1
        await client.send(text("yes"))
        assert await client.exactly(5) == frame(1, b"yes")
        client.close()


async def test_a_sign_of_life_is_no_use_of_the_session() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        before = here.session.touched
        await client.send(text("alive"))
        await client.exactly(7)
        assert here.session.touched == before
        await client.send(text("hello"))
        await client.exactly(7)
        assert here.session.touched > before
        client.close()


async def test_nothing_passes_a_rule_that_fails() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(text("fail") + text("after"))
        goodbye = close_frame(1011, "this message could not be judged")
        assert await client.exactly(len(goodbye)) == goodbye
        await client.send(close_frame(1011, "", b"mask"))
        await until(lambda: here.connections.tunnels == 0)
        assert b"after" not in here.peers[0].received
        client.close()


async def test_no_extension_is_asked_for_so_that_messages_can_be_read() -> None:
    async with judged() as (here, _):
        client = await opened(here, "Sec-WebSocket-Extensions: permessage-deflate")
        assert b"xtension" not in here.peers[0].received
        client.close()


async def test_a_server_that_grants_an_extension_all_the_same_is_not_believed() -> None:
    deflate = "Sec-WebSocket-Extensions: permessage-deflate"
    async with judged(quiet, deflate) as (here, _):
        client = await here.client()
        await client.send(ask("ws", deflate))
        assert (await client.head()).startswith(b"HTTP/1.1 502 ")
        client.close()


async def test_the_rules_know_the_subprotocol_that_was_agreed_on() -> None:
    subprotocol = "Sec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org"
    async with judged(quiet, subprotocol) as (here, looked_at):
        client = await opened(here, subprotocol + ", other")
        assert looked_at.rules[0].subprotocol == "v1.kernel.websocket.jupyter.org"
        client.close()


async def test_a_websocket_without_rules_is_never_a_tunnel() -> None:
    async with stage(switching(quiet), passed=Passed()) as here:
        client = await here.client()
        await client.send(ask("ws"))
        assert (await client.head()).startswith(b"HTTP/1.1 502 ")
        assert here.connections.tunnels == 0
        client.close()


async def test_a_visitors_ping_is_answered_here_and_crosses_to_nobody() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(frame(9, b"there?", masked=True) + frame(10, b"", masked=True))
        assert await client.exactly(8) == frame(10, b"there?")
        assert here.peers[0].received.partition(HEAD_END)[2] == b""
        client.close()


async def test_an_instances_ping_is_answered_here_too() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(frame(9, b"there?"))
        await peer.rest()

    async with judged(script) as (here, _):
        client = await opened(here)
        await until(lambda: len(here.peers[0].received.partition(HEAD_END)[2]) == 12)
        assert here.peers[0].received.partition(HEAD_END)[2][:2] == b"\x8a\x86"
        client.close()


async def test_a_visitor_who_takes_no_bytes_makes_the_instance_wait() -> None:
    sent = 0

    async def script(peer: Peer) -> None:
        nonlocal sent
        piece = frame(2, bytes(MIB))
        for _ in range(64):
            await peer.send(piece)
            sent += len(piece)
        await peer.rest()

    async with judged(script) as (here, _):
        client = await opened(here)
        client.transport.pause_reading()
        await asyncio.sleep(0.5)
        assert sent < 32 * MIB
        client.transport.resume_reading()
        total = 64 * len(frame(2, bytes(MIB)))
        assert await client.swallow(total) == total
        client.close()


async def test_one_who_asks_for_refusals_and_never_reads_them_is_not_read_further() -> None:
    endless = replace(LIMITS, frames_at_once=10**9)
    async with judged(quiet, limits=endless) as (here, looked_at):
        client = await opened(here)
        client.transport.pause_reading()
        flood = text("no") * 4096
        for _ in range(400):
            client.transport.write(flood)
        heard = looked_at.rules[0].heard
        before = -1
        while before != len(heard):
            before = len(heard)
            await asyncio.sleep(0.5)
        assert len(heard) < 400 * 4096
        client.reset()
        await until(lambda: here.connections.tunnels == 0)
