from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.integration.proxy.rig import BASE, HELLO, SECRET, get, hello, stage

if TYPE_CHECKING:
    from tests.integration.proxy.peer import Peer

OWN_FIELDS = (
    f"Authorization: token {SECRET}\r\n"
    "X-Forwarded-For: 127.0.0.1\r\n"
    "X-Forwarded-Proto: http\r\n"
    "X-Forwarded-Host: notes.example\r\n"
    "X-Forwarded-Port: 80\r\n"
    "X-Real-IP: 127.0.0.1\r\n"
    "Via: 1.1 warmgate\r\n"
)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
async def test_a_body_with_a_length_arrives_with_that_length(method: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.exactly(5)
        await peer.send(HELLO)

    async with stage(script) as here:
        _, body = await here.ask(get("x", "Content-Length: 5", method=method) + b"12345")
        assert body == b"hello"
        expected = (
            f"{method} {BASE}x HTTP/1.1\r\nHost: notes.example\r\n{OWN_FIELDS}Content-Length: 5\r\n\r\n12345"
        )
        assert here.peers[0].received == expected.encode()
        assert here.meter.received == 5


async def test_an_empty_body_stays_one() -> None:
    async with stage() as here:
        await here.ask(get("x", "Content-Length: 0", method="POST"))
        assert here.peers[0].received.endswith(b"\r\nContent-Length: 0\r\n\r\n")


async def test_a_chunked_body_is_chunked_anew_without_extensions_and_trailers() -> None:
    async def script(peer: Peer) -> None:
        await peer.until(b"0\r\n\r\n")
        await peer.send(HELLO)

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("x", "Transfer-Encoding: chunked", method="POST"))
        for piece in (b"3;x=y\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\nX-Trailer: 1\r\n\r\n"):
            await client.send(piece)
            await asyncio.sleep(0.02)
        assert (await client.answer())[1] == b"hello"
        client.close()
        body = here.peers[0].received.partition(b"\r\n\r\n")[2]
        assert body == b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        assert b"Transfer-Encoding: chunked\r\n" in here.peers[0].received


async def test_a_visitor_who_waits_for_100_continue_gets_it_from_the_gateway() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.exactly(5)
        await peer.send(HELLO)

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("x", "Content-Length: 5", "Expect: 100-continue", method="POST"))
        assert await client.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b"12345")
        assert (await client.answer())[1] == b"hello"
        client.close()
        assert b"xpect" not in here.peers[0].received


async def test_another_expectation_is_refused() -> None:
    async with stage() as here:
        head, _ = await here.ask(get("x", "Content-Length: 5", "Expect: 200-ok", method="POST") + b"12345")
        assert head.startswith(b"HTTP/1.1 417 ")
        assert not here.peers


async def test_interim_answers_of_the_instance_stay_here() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + HELLO)

    async with stage(script) as here:
        head, body = await here.ask(get())
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert body == b"hello"


@pytest.mark.parametrize(
    ("method", "answer", "framing"),
    [
        ("HEAD", b"200 OK\r\nContent-Length: 1234", b"Content-Length: 1234"),
        ("HEAD", b"200 OK\r\nTransfer-Encoding: chunked", b""),
        ("GET", b"304 Not Modified\r\nContent-Length: 1234", b"Content-Length: 1234"),
        ("GET", b"204 No Content", b""),
    ],
)
async def test_answers_without_a_body_leave_the_connection_in_step(
    method: str, answer: bytes, framing: bytes
) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 " + answer + b"\r\n\r\n")
        await hello(peer)

    async with stage(script) as here:
        client = await here.client()
        await client.send(get(method=method))
        head = await client.head()
        assert b"Transfer-Encoding" not in head
        assert (b"Content-Length" in head) == bool(framing)
        assert framing in head
        await client.send(get())
        assert (await client.answer())[1] == b"hello"
        client.close()
        assert len(here.peers) == 1


async def test_a_range_passes_as_it_is() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/9\r\nContent-Length: 3\r\n\r\nllo"
        )

    async with stage(script) as here:
        head, body = await here.ask(get("files/x", "Range: bytes=2-4", 'If-Range: "e"'))
        assert head.startswith(b"HTTP/1.1 206 ")
        assert b"\r\nContent-Range: bytes 2-4/9\r\n" in head
        assert body == b"llo"
        assert b'\r\nRange: bytes=2-4\r\nIf-Range: "e"\r\n' in here.peers[0].received


async def test_events_arrive_one_by_one() -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for number in (b"1", b"2", b"3"):
            await peer.send(b"9\r\ndata: %b\n\n\r\n" % number)
            await go_on.wait()
            go_on.clear()
        await peer.send(b"0\r\n\r\n")

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("events"))
        assert b"\r\nTransfer-Encoding: chunked\r\n" in await client.head()
        for number in (b"1", b"2", b"3"):
            assert await client.until(b"\n\n\r\n") == b"9\r\ndata: %b\n\n\r\n" % number
            go_on.set()
        assert await client.until(b"0\r\n\r\n")
        client.close()


async def test_a_body_that_ends_with_the_connection_is_chunked_for_the_visitor() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.0 200 OK\r\n\r\nhello")
        peer.close()

    async with stage(script) as here:
        client = await here.client()
        await client.send(get())
        assert b"\r\nTransfer-Encoding: chunked\r\n" in await client.head()
        assert await client.until(b"0\r\n\r\n") == b"5\r\nhello\r\n0\r\n\r\n"
        client.close()


async def test_a_visitor_of_http_1_0_gets_the_end_of_the_connection_instead_of_chunks() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")

    async with stage(script) as here:
        client = await here.client()
        await client.send(f"GET {BASE}x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".encode())
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        client.close()
        assert body == b"hello"
        assert b"Transfer-Encoding" not in head
        assert b"\r\nConnection: close" in head
        assert b"\r\nVia: 1.0 warmgate\r\n" in here.peers[0].received


async def test_a_visitor_of_http_1_0_may_keep_the_connection() -> None:
    async with stage() as here:
        client = await here.client()
        for _ in range(2):
            await client.send(f"GET {BASE}x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".encode())
            head, body = await client.answer()
            assert b"\r\nConnection: keep-alive\r\n" in head
            assert body == b"hello"
        client.close()


async def test_requests_sent_at_once_are_answered_in_order_over_one_connection() -> None:
    async def script(peer: Peer) -> None:
        while True:
            number = (await peer.head()).split(b" ")[1][-1:]
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + number)

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("1") + get("2") + get("3"))
        assert [(await client.answer())[1] for _ in range(3)] == [b"1", b"2", b"3"]
        client.close()
        assert len(here.peers) == 1
