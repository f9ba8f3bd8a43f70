from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pool.engines.engine import Address
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import BASE, HELLO, LIMITS, get, hello, stage


async def silent(peer: Peer) -> None:
    await peer.rest()


async def test_an_instance_that_takes_no_connection_is_unreachable() -> None:
    async with stage(address=Address("127.0.0.1", 1)) as here:
        head, body = await here.ask(get())
        assert head.startswith(b"HTTP/1.1 502 ")
        assert body == b"W501"
        assert here.meter.statuses == [502]


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
async def test_an_instance_that_hangs_up_before_its_answer_is_unreachable(sent: bytes) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(sent)

    async with stage(script) as here:
        assert (await here.ask(get()))[1] == b"W501"
        assert len(here.peers) == 1


async def test_an_instance_that_stays_silent_is_given_up() -> None:
    async with stage(silent, limits=replace(LIMITS, first_byte=0.1)) as here:
        head, body = await here.ask(get())
        assert head.startswith(b"HTTP/1.1 504 ")
        assert body == b"W502"


async def test_the_time_for_an_answer_begins_when_the_upload_is_whole() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.exactly(6)
        await peer.send(HELLO)

    async with stage(script, limits=replace(LIMITS, first_byte=0.25)) as here:
        client = await here.client()
        await client.send(get("x", "Content-Length: 6", method="PUT"))
        for _ in range(6):
            await asyncio.sleep(0.1)
            await client.send(b"1")
        assert (await client.answer())[1] == b"hello"
        client.close()


async def test_an_instance_that_reads_an_upload_and_stays_silent_is_given_up() -> None:
    async with stage(silent, limits=replace(LIMITS, first_byte=0.1)) as here:
        assert (await here.ask(get("x", "Content-Length: 1", method="PUT") + b"1"))[1] == b"W502"


async def test_an_instance_that_takes_no_more_of_an_upload_is_given_up() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        peer.transport.pause_reading()
        await asyncio.sleep(60)

    async with stage(script, limits=replace(LIMITS, upstream_stall=0.2)) as here:
        client = await here.client()
        size = 32 << 20
        client.write(get("x", f"Content-Length: {size}", method="PUT") + bytes(size))
        assert (await client.answer())[1] == b"W502"
        client.reset()


async def test_a_visitor_who_stops_in_the_middle_of_an_upload_is_told() -> None:
    async with stage(silent, limits=replace(LIMITS, client_body=0.1)) as here:
        client = await here.client()
        await client.send(get("x", "Content-Length: 5", method="PUT") + b"12")
        head, body = await client.answer()
        assert head.startswith(b"HTTP/1.1 408 ")
        assert body == b"W409"
        client.close()
        assert here.peers[0].received.endswith(b"12")


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX\x00: 1\r\n\r\n",
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_an_answer_that_breaks_off_never_ends_cleanly(sent: bytes, version: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(sent[:-1])
        await asyncio.sleep(0.05)
        await peer.send(sent[-1:])

    async with stage(script) as here:
        client = await here.client()
        await client.send(get().replace(b"HTTP/1.1", f"HTTP/{version}".encode()))
        assert (await client.head()).startswith(b"HTTP/1.1 200 OK\r\n")
        assert not await client.closed()
        assert b"0\r\n\r\n" not in client.received.partition(b"\r\n\r\n")[2]
        client.close()


async def test_an_instance_cut_off_in_the_middle_of_its_answer_cuts_off_the_visitor() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nhello")
        await asyncio.sleep(0.05)
        peer.reset()

    async with stage(script) as here:
        client = await here.client()
        await client.send(get())
        await client.until(b"hello\r\n")
        assert not await client.closed()
        client.close()


async def test_an_answer_before_the_upload_is_whole_reaches_the_visitor() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        await peer.rest()

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("x", "Content-Length: 1000000", method="PUT") + b"1")
        head, body = await client.answer()
        assert head.startswith(b"HTTP/1.1 413 ")
        assert body == b"big"
        await until(lambda: len(here.connections) == 0)
        await client.send(bytes(999_999) + get("next"))
        assert (await client.answer())[1] == b"big"
        assert here.peers[1].received.startswith(f"GET {BASE}next ".encode())
        client.close()


@pytest.mark.parametrize(
    "pieces",
    [
        [b"5\r\nhello\r\n", b"zz\r\n\r\n"],
        [b"5\r\nhelloXX", b"0\r\n\r\n"],
        [b"5\r\nhello\r\n", b"0\r\nContent-Length: 3\r\n\r\n"],
        [b"5\r\nhello\r\n", b"0\r\nX : 1\r\n\r\n"],
        [b"5\r\nhello\r\n", b"-1\r\n"],
        [b"5\r\nhello\r\n", b"0\n\n"],
        [b"5\r\nhello\r\n", b"ffffffffffffffffff\r\n"],
        [b"zz\r\n"],
    ],
)
async def test_a_body_with_bad_chunks_never_looks_whole_to_the_instance(pieces: list[bytes]) -> None:
    async with stage(silent) as here:
        client = await here.client()
        await client.send(get("x", "Transfer-Encoding: chunked", method="POST"))
        for piece in pieces:
            await asyncio.sleep(0.05)
            await client.send(piece)
        head, body = await client.answer()
        assert head.startswith(b"HTTP/1.1 400 ")
        assert body == b"W401"
        assert await client.closed()
        client.close()
        await until(lambda: len(here.connections) == 0)
        assert b"0\r\n\r\n" not in here.peers[0].received


async def test_the_end_of_a_session_ends_requests_under_way_with_a_clear_answer() -> None:
    async with stage(silent) as here:
        client = await here.client()
        await client.send(get())
        await until(lambda: len(here.peers) == 1 and b"\r\n\r\n" in here.peers[0].received)
        here.connections.end("idle")
        head, body = await client.answer()
        assert head.startswith(b"HTTP/1.1 410 ")
        assert body == b"W404"
        await client.send(get())
        assert (await client.answer())[1] == b"W404"
        client.close()
        assert len(here.peers) == 1


async def test_a_request_whose_instance_was_killed_is_told_so_and_not_that_nobody_answers() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        peer.reset()

    async with stage(script, limits=replace(LIMITS, cause=10.0)) as here:
        client = await here.client()
        await client.send(get("x", "Content-Length: 0", method="POST"))
        await until(lambda: here.meter.losses > 0)
        here.connections.end("out_of_memory")
        head, body = await client.answer()
        assert head.startswith(b"HTTP/1.1 410 ")
        assert body == b"W417"
        client.close()


async def test_the_end_of_a_session_cuts_off_a_half_sent_answer() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
        await peer.rest()

    async with stage(script) as here:
        client = await here.client()
        await client.send(get())
        await client.until(b"hello")
        here.connections.end("idle")
        assert not await client.closed()
        client.close()


async def test_the_end_of_a_session_closes_idle_connections() -> None:
    async with stage(hello) as here:
        await here.ask(get())
        here.connections.end()
        await until(lambda: here.peers[0].ended)
        assert len(here.connections) == 0


async def test_a_visitor_who_takes_no_bytes_is_given_up() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 << 20) + bytes(64 << 20))

    async with stage(script, limits=replace(LIMITS, client_stall=0.3)) as here:
        client = await here.client()
        client.transport.pause_reading()
        await client.send(get())
        await until(lambda: len(here.peers) == 1)
        await until(lambda: len(here.connections) == 0)
        client.reset()
