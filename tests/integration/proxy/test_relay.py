from __future__ import annotations

import asyncio
from ipaddress import ip_network

import pytest

from gateway.proxy.origins import Origins
from gateway.proxy.visitor import Visitors
from tests.integration.proxy.rig import BASE, HELLO, SECRET, Peer, get, hello, stage

OWN_FIELDS = (
    f"Authorization: token {SECRET}\r\n"
    "X-Forwarded-For: 127.0.0.1\r\n"
    "X-Forwarded-Proto: http\r\n"
    "X-Forwarded-Host: notes.example\r\n"
    "X-Forwarded-Port: 80\r\n"
    "X-Real-IP: 127.0.0.1\r\n"
    "Via: 1.1 warmgate\r\n"
)


async def test_the_instance_receives_exactly_these_bytes() -> None:
    async with stage() as here:
        request = get(
            "api%20x?a=%2F&token=abc&b",
            "Accept: */*",
            "Cookie: theirs=1",
            "Authorization: Bearer theirs",
            "X-Forwarded-For: 6.6.6.6",
            "Connection: keep-alive, X-Hop",
            "X-Hop: 1",
            "X-Twice: 1",
            "x-twice: é",
        )
        head, body = await here.ask(request)
        assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 200 OK", b"hello")
        expected = (
            f"GET {BASE}api%20x?a=%2F&b HTTP/1.1\r\nHost: notes.example\r\nAccept: */*\r\n"
            f"X-Twice: 1\r\nx-twice: é\r\n{OWN_FIELDS}\r\n"
        )
        assert here.peers[0].received == expected.encode("latin-1")


async def test_the_visitor_receives_exactly_these_bytes() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(
            b"HTTP/1.1 207 \xe9 status\r\nDate: then\r\nX-Twice: 1\r\nSet-Cookie: a=1\r\nx-twice: \xe9\r\n"
            b"Access-Control-Allow-Origin: https://evil.example\r\nKeep-Alive: timeout=5\r\n"
            b"Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nok"
        )

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("x", "Connection: close"))
        assert await client.rest() == (
            b"HTTP/1.1 207 \xe9 status\r\nDate: then\r\nX-Twice: 1\r\nx-twice: \xe9\r\n"
            b"Content-Security-Policy: frame-ancestors 'self'\r\nReferrer-Policy: same-origin\r\n"
            b"X-Robots-Tag: noindex\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
        )
        client.close()
        assert here.meter.statuses == [207]
        assert here.meter.sent == 2


async def test_a_stripped_prefix_goes_both_ways() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 302 Found\r\nLocation: /edit?id=1\r\nContent-Length: 0\r\n\r\n")

    async with stage(script, base="/") as here:
        head, _ = await here.ask(get("open?path=x"))
        assert f"\r\nLocation: {BASE}edit?id=1\r\n".encode() in head
        assert here.peers[0].received.startswith(b"GET /open?path=x HTTP/1.1\r\n")
        assert f"\r\nX-Forwarded-Prefix: {BASE[:-1]}\r\n".encode() in here.peers[0].received


async def test_a_trusted_proxy_is_believed() -> None:
    async with stage(visitors=Visitors((ip_network("127.0.0.0/8"),))) as here:
        await here.ask(get("x", "X-Forwarded-For: 6.6.6.6, 1.2.3.4", "X-Forwarded-Proto: https"))
        assert b"\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n" in here.peers[0].received


async def test_a_listed_site_may_read_the_answer() -> None:
    async with stage(origins=Origins(("https://blog.example",))) as here:
        head, _ = await here.ask(get("x", "Origin: https://blog.example"))
        assert b"\r\nAccess-Control-Allow-Origin: https://blog.example\r\n" in head
        assert b"\r\nOrigin: https://blog.example\r\n" in here.peers[0].received


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


async def test_max_forwards_zero_is_answered_here() -> None:
    async with stage() as here:
        head, _ = await here.ask(get("x", "Max-Forwards: 0", method="OPTIONS"))
        assert head.startswith(b"HTTP/1.1 204 ")
        assert not here.peers


async def test_the_token_is_taken_out_of_a_page_wherever_it_is_cut() -> None:
    page = b'<script id="jupyter-config-data">{"token": "' + SECRET.encode() + b'"}</script>'

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\nETag: x\r\n")
        await peer.send(b"Content-Length: %d\r\n\r\n" % len(page))
        for start in range(0, len(page), 10):
            await peer.send(page[start : start + 10])
            await asyncio.sleep(0.005)

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("l%61b", "Accept-Encoding: gzip", "Range: bytes=0-10", "Connection: close"))
        answer = await client.rest()
        client.close()
        assert SECRET[:8].encode() not in answer
        assert b"ETag" not in answer
        assert b"Content-Length" not in answer
        pieces = answer.partition(b"\r\n\r\n")[2].split(b"\r\n")[1::2]
        assert b"".join(pieces) == b'<script id="jupyter-config-data">{"token": ""}</script>'
        assert b"\r\nAccept-Encoding: identity\r\n" in here.peers[0].received
        assert b"Range" not in here.peers[0].received


async def test_a_page_that_could_hide_the_token_in_a_coding_is_refused() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n")

    async with stage(script) as here:
        head, _ = await here.ask(get("lab"))
        assert head.startswith(b"HTTP/1.1 502 ")


async def test_an_image_under_a_page_is_left_alone() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 3\r\n\r\nPNG")

    async with stage(script) as here:
        assert (await here.ask(get("lab/x.png")))[1] == b"PNG"


async def test_activity_is_noted_and_polling_is_not() -> None:
    async with stage() as here:
        await here.ask(get("api/poll"))
        assert here.session.touched == 0
        await here.ask(get("api/contents"))
        assert here.session.touched > 0


async def test_a_long_upload_is_activity_all_the_way() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.exactly(4)
        await peer.send(HELLO)

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("x", "Content-Length: 4", method="PUT"))
        for _ in range(4):
            await asyncio.sleep(0.02)
            await client.send(b"1")
        await client.answer()
        client.close()
        assert here.session.touched >= 4
