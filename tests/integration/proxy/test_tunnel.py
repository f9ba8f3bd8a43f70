from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from gateway.proxy.handshake import accept
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import BASE, LIMITS, SECRET, get, hello, stage
from tests.integration.proxy.websocket import KEY, MIB, ask, echo, frame, grant, opened, quiet, switching


async def test_the_handshake_crosses_in_exactly_these_bytes() -> None:
    subprotocol = "Sec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org"
    deflate = "Sec-WebSocket-Extensions: permessage-deflate"
    async with stage(switching(echo, subprotocol, deflate, "Set-Cookie: a=1", "Server: s")) as here:
        client = await here.client()
        await client.send(
            ask(
                "api/kernels/1/channels?session_id=2&token=x",
                "Origin: https://notes.example",
                subprotocol + ", other",
                deflate + "; client_max_window_bits",
                "Cookie: a=1",
            )
        )
        assert (
            await client.head()
            == (
                "HTTP/1.1 101 Switching Protocols\r\n"
                f"Sec-WebSocket-Accept: {accept(KEY.encode()).decode()}\r\n"
                f"{subprotocol}\r\n{deflate}\r\nServer: s\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            ).encode()
        )
        head = here.peers[0].received
        client.close()
        assert (
            head
            == (
                f"GET {BASE}api/kernels/1/channels?session_id=2 HTTP/1.1\r\nHost: notes.example\r\n"
                f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\nOrigin: https://notes.example\r\n"
                f"{subprotocol}, other\r\n{deflate}; client_max_window_bits\r\n"
                f"Authorization: token {SECRET}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
                "X-Forwarded-Host: notes.example\r\nX-Forwarded-Port: 80\r\nX-Real-IP: 127.0.0.1\r\n"
                "Via: 1.1 warmgate\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            ).encode()
        )


async def test_bytes_cross_unchanged_both_ways() -> None:
    async with stage(switching(echo)) as here:
        client = await opened(here)
        sent = b"".join(
            frame(2, os.urandom(size), masked=True) for size in (0, 1, 125, 126, 65_535, 65_536, 5)
        )
        client.write(sent)
        assert await client.exactly(len(sent)) == sent
        assert here.meter.received == len(sent)
        assert here.meter.sent == len(sent)
        client.close()


async def test_bytes_right_behind_both_heads_are_not_lost() -> None:
    early = frame(2, b"early" * 1000, masked=True)
    greeting = frame(1, b"welcome" * 1000)

    async def script(peer: Peer) -> None:
        await peer.head()
        await asyncio.sleep(0.05)
        await peer.send(grant() + greeting)
        await echo(peer)

    async with stage(script) as here:
        client = await here.client()
        await client.send(ask() + early)
        await client.head()
        assert await client.exactly(len(greeting)) == greeting
        assert await client.exactly(len(early)) == early
        client.close()


async def test_a_message_of_any_size_crosses_with_flat_memory() -> None:
    size = 64 * MIB
    big = frame(2, bytes(size), masked=True)

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        assert await peer.swallow(len(big)) == len(big)
        await peer.send(frame(1, b"got it"))

    async with stage(script) as here:
        client = await opened(here)
        client.write(big)
        assert await client.exactly(8) == frame(1, b"got it")
        client.close()


async def test_only_data_from_the_visitor_is_activity() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant() + frame(9, b"ping") + frame(2, b"data"))
        await echo(peer)

    async with stage(script) as here:
        client = await opened(here)
        before = here.session.touched
        await client.exactly(12)
        for quiet_one in (frame(10, b"ping", masked=True), frame(9, b"", masked=True)):
            await client.send(quiet_one)
            await client.exactly(len(quiet_one))
        assert here.session.touched == before
        await client.send(frame(2, b"data", masked=True))
        await until(lambda: here.session.touched == before + 1)
        client.close()


@pytest.mark.parametrize(
    "answer",
    [
        grant(key="AAAAAAAAAAAAAAAAAAAAAA=="),
        grant().replace(b"websocket", b"h2c"),
        grant().replace(b"Connection: Upgrade\r\n", b""),
        grant().replace(b"Upgrade: websocket\r\n", b""),
        grant("Sec-WebSocket-Protocol: uninvited"),
        grant("Sec-WebSocket-Extensions: permessage-deflate"),
        grant("Content-Length: 5"),
        b"HTTP/1.1 101 X\r\n\r\n",
        b"\x81\x05hello",
    ],
)
async def test_a_switch_that_does_not_fit_is_refused(answer: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(answer + frame(1, b"forged"))
        await peer.rest()

    async with stage(script) as here:
        head, body = await here.ask(ask())
        assert head.startswith(b"HTTP/1.1 502 ")
        assert body == b"W503"
        assert here.meter.open == 0
        await until(lambda: len(here.connections) == 0)


async def test_a_declined_upgrade_is_an_ordinary_answer_and_the_connection_goes_on() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 403 Forbidden\r\nX-Frame-Options: DENY\r\nContent-Length: 2\r\n\r\nno")
        await hello(peer)

    async with stage(script) as here:
        client = await here.client()
        await client.send(ask() + get("next"))
        head, body = await client.answer()
        assert head.startswith(b"HTTP/1.1 403 ")
        assert b"X-Frame-Options" not in head
        assert body == b"no"
        assert (await client.answer())[1] == b"hello"
        client.close()


async def test_another_upgrade_is_an_ordinary_request() -> None:
    async with stage() as here:
        _, body = await here.ask(
            get("x", "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: x")
        )
        assert body == b"hello"
        assert b"pgrade" not in here.peers[0].received


async def test_an_instance_that_never_switches_is_given_up() -> None:
    async with stage(quiet, limits=replace(LIMITS, upgrade=0.1)) as here:
        assert (await here.ask(ask()))[1] == b"W502"


async def test_a_websocket_never_uses_a_kept_connection() -> None:
    async with stage() as here:
        await here.ask(get())
        await here.ask(ask())
        assert len(here.peers) == 2
