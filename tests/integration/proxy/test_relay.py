from __future__ import annotations

import asyncio
from ipaddress import ip_network
from typing import TYPE_CHECKING

from gateway.proxy.origins import Origins
from gateway.proxy.visitor import Visitors
from tests.integration.proxy.rig import BASE, HELLO, SCRIPT, SECRET, get, stage

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


async def test_a_script_is_put_into_the_head_of_a_page_and_into_nothing_else() -> None:
    page = b"<!doctype html><head><title>t</title></head>"

    async def script(peer: Peer) -> None:
        for kind in (b"text/html", b"text/css"):
            await peer.head()
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n" % kind)
            await peer.send(b"Content-Length: %d\r\n\r\n%s" % (len(page), page))

    async with stage(script) as here:
        client = await here.client()
        await client.send(get("scripted", "Accept-Encoding: gzip"))
        pieces = (await client.until(b"\r\n0\r\n\r\n")).partition(b"\r\n\r\n")[2].split(b"\r\n")[1::2]
        assert b"".join(pieces) == page.replace(b"<head>", b"<head>" + SCRIPT)
        await client.send(get("scripted", "Connection: close"))
        answers = await client.rest()
        client.close()
        assert b"\r\nAccept-Encoding: identity\r\n" in here.peers[0].received
        assert answers.endswith(page)


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
