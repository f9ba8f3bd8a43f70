from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.proxy.frames import FrameScanner, close_frame
from gateway.proxy.handshake import accept
from tests.integration.proxy.rig import BASE, LIMITS, SECRET, Peer, Stage, get, hello, stage, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ASK = ("Upgrade: websocket", "Connection: keep-alive, Upgrade", f"Sec-WebSocket-Key: {KEY}")
MIB = 1 << 20


def ask(path: str = "api/kernels/1/channels?session_id=2&token=x", *fields: str) -> bytes:
    return get(path, *ASK, "Sec-WebSocket-Version: 13", *fields)


def grant(*fields: str, key: str = KEY) -> bytes:
    accepted = accept(key.encode()).decode()
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accepted}",
        *fields,
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def frame(opcode: int, payload: bytes = b"", *, masked: bool = False) -> bytes:
    size = len(payload)
    if size < 126:
        length = bytes([size])
    else:
        length = b"\x7e" + size.to_bytes(2, "big") if size < 1 << 16 else b"\x7f" + size.to_bytes(8, "big")
    head = bytearray(bytes([0x80 | opcode]) + length)
    if masked:
        head[1] |= 0x80
    return bytes(head) + (b"\0\0\0\0" if masked else b"") + payload


def switching(then: Callable[[Peer], Awaitable[None]], *fields: str) -> Callable[[Peer], Awaitable[None]]:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant(*fields))
        await then(peer)

    return script


async def echo(peer: Peer) -> None:
    while data := await peer.some():
        await peer.send(data)


async def quiet(peer: Peer) -> None:
    await peer.rest()


async def opened(here: Stage, *fields: str) -> Peer:
    client = await here.client()
    await client.send(ask("ws", *fields))
    assert (await client.head()).startswith(b"HTTP/1.1 101 ")
    await until(lambda: here.connections.tunnels > 0)
    return client


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
        assert await client.exactly(8) == close_frame(4410, "idle")
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
