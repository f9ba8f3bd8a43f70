from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.proxy.answer import BODILESS
from tests.integration.proxy.peer import LOOK_EVERY, PATIENCE, Peer
from tests.integration.proxy.rig import BASE, HELLO, ID, LIMITS, get, stage
from tests.unit.gateway.proxy.test_reader import HOSTILE, LIMIT, SWITCH

HOST = b"Host: notes.example\r\n"
LINE = f"POST {BASE}x HTTP/1.1\r\n".encode()
CHUNKS = b"Transfer-Encoding: chunked\r\n"
LAST = b"0\r\n\r\n"


def line(text: str) -> bytes:
    return text.replace("BASE", BASE).encode("latin-1") + b"\r\n" + HOST + b"\r\n"


MALFORMED = {
    "no host": (LINE + b"\r\n", 400),
    "two hosts": (LINE + HOST + HOST + b"\r\n", 400),
    "two different hosts": (LINE + HOST + b"Host: b\r\n\r\n", 400),
    "empty host": (LINE + b"Host:\r\n\r\n", 400),
    "host with a space": (LINE + b"Host: a b\r\n\r\n", 400),
    "host with a path": (LINE + b"Host: a/b\r\n\r\n", 400),
    "length and chunks": (LINE + HOST + b"Content-Length: 5\r\n" + CHUNKS + b"\r\n" + LAST, 400),
    "chunks and length": (LINE + HOST + CHUNKS + b"Content-Length: 5\r\n\r\n" + LAST, 400),
    "two lengths": (LINE + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345", 400),
    "the same length twice": (LINE + HOST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345", 400),
    "a list of lengths": (LINE + HOST + b"Content-Length: 5, 5\r\n\r\n12345", 400),
    "signed length": (LINE + HOST + b"Content-Length: +5\r\n\r\n12345", 400),
    "negative length": (LINE + HOST + b"Content-Length: -5\r\n\r\n", 400),
    "hexadecimal length": (LINE + HOST + b"Content-Length: 0x5\r\n\r\n12345", 400),
    "empty length": (LINE + HOST + b"Content-Length:\r\n\r\n", 400),
    "length beyond 64 bits": (LINE + HOST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    "length with an underscore": (LINE + HOST + b"Content-Length: 1_0\r\n\r\n1234567890", 400),
    "coding before chunked": (LINE + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + LAST, 501),
    "coding behind chunked": (LINE + HOST + b"Transfer-Encoding: chunked, gzip\r\n\r\n" + LAST, 400),
    "chunked twice": (LINE + HOST + CHUNKS + CHUNKS + b"\r\n" + LAST, 400),
    "identity": (LINE + HOST + b"Transfer-Encoding: identity\r\n\r\n", 400),
    "nearly chunked": (LINE + HOST + b"Transfer-Encoding: xchunked\r\n\r\n" + LAST, 400),
    "chunked behind a tab of another kind": (
        LINE + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + LAST,
        400,
    ),
    "quoted chunked": (LINE + HOST + b'Transfer-Encoding: "chunked"\r\n\r\n' + LAST, 400),
    "chunks in HTTP/1.0": (LINE.replace(b"1.1", b"1.0") + HOST + CHUNKS + b"\r\n" + LAST, 400),
    "size that is no number": (LINE + HOST + CHUNKS + b"\r\nzz\r\n\r\n", 400),
    "size with 0x": (LINE + HOST + CHUNKS + b"\r\n0x5\r\nhello\r\n" + LAST, 400),
    "size with a bare line end": (LINE + HOST + CHUNKS + b"\r\n5\nhello\r\n" + LAST, 400),
    "chunk longer than its size": (LINE + HOST + CHUNKS + b"\r\n2\r\nhello\r\n" + LAST, 400),
    "version 1.2": (line("GET BASEx HTTP/1.2"), 505),
    "version 2.0": (line("GET BASEx HTTP/2.0"), 400),
    "version 0.9": (line("GET BASEx HTTP/0.9"), 400),
    "no version": (f"GET {BASE}x\r\n\r\n".encode(), 400),
    "version in lower case": (line("GET BASEx http/1.1"), 400),
    "version of two digits": (line("GET BASEx HTTP/1.10"), 400),
    "preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "method in lower case": (line("get BASEx HTTP/1.1"), 400),
    "unknown method": (line("BREW BASEx HTTP/1.1"), 400),
    "TRACE": (line("TRACE BASEx HTTP/1.1"), 405),
    "CONNECT": (line("CONNECT notes.example:80 HTTP/1.1"), 405),
    "tab for a space": (line("GET\tBASEx\tHTTP/1.1"), 400),
    "space behind the version": (line("GET BASEx HTTP/1.1 "), 400),
    "space in the target": (line("GET BASEx y HTTP/1.1"), 400),
    "fragment": (line("GET BASEx#y HTTP/1.1"), 400),
    "byte above ASCII in the target": (line("GET BASEé HTTP/1.1"), 400),
    "control character in the target": (line("GET BASE\x01 HTTP/1.1"), 400),
    "target without a slash": (line("GET user HTTP/1.1"), 400),
    "another host in the target": (line(f"GET http://evil.example/user/{ID}/x HTTP/1.1"), 400),
    "a user in the target": (line(f"GET http://a@notes.example/user/{ID}/x HTTP/1.1"), 400),
    "path trick": (line("GET BASE../x HTTP/1.1"), 404),
    "encoded path trick": (line("GET BASE%2e%2e/x HTTP/1.1"), 404),
    "encoded slash": (line("GET BASEa%2fb HTTP/1.1"), 404),
    "encoded id": (line(f"GET /user/%61{ID[1:]}/x HTTP/1.1"), 404),
    "bare line ends": (LINE.replace(b"\r\n", b"\n") + b"Host: a\n\n", 400),
    "space before the first field": (LINE + b" " + HOST + b"\r\n", 400),
    "space before colon": (LINE + b"Host : a\r\n\r\n", 400),
    "folded line": (LINE + HOST + b"X: a\r\n b\r\n\r\n", 400),
    "no colon": (LINE + HOST + b"X\r\n\r\n", 400),
    "no name": (LINE + HOST + b": x\r\n\r\n", 400),
    "bracket in a name": (LINE + HOST + b"X(a): x\r\n\r\n", 400),
    "byte above ASCII in a name": (LINE + HOST + b"X\xe9: x\r\n\r\n", 400),
    "NUL in a value": (LINE + HOST + b"X: a\x00b\r\n\r\n", 400),
    "control character in a value": (LINE + HOST + b"X: a\x1bb\r\n\r\n", 400),
    "bare CR in a value": (LINE + HOST + b"X: a\rb\r\n\r\n", 400),
    "target too long": (line("GET BASE" + "a" * 9000 + " HTTP/1.1"), 431),
    "value too long": (LINE + HOST + b"X: " + b"a" * 17_000 + b"\r\n\r\n", 431),
    "name too long": (LINE + HOST + b"X" * 17_000 + b": a\r\n\r\n", 431),
    "too many fields": (LINE + HOST + b"X: a\r\n" * 200 + b"\r\n", 431),
    "too much altogether": (LINE + HOST + (b"X: " + b"a" * 8000 + b"\r\n") * 9 + b"\r\n", 431),
    "websocket without a key": (get("x", "Upgrade: websocket", "Connection: Upgrade"), 400),
    "websocket with a body": (
        get(
            "x",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Content-Length: 5",
        )
        + b"12345",
        400,
    ),
}

KEPT_OPEN = {404}
"""Statuses of requests that are well-formed, so that what follows them can be told from them."""


@pytest.mark.parametrize("name", MALFORMED)
async def test_nothing_of_a_malformed_request_reaches_the_instance(name: str) -> None:
    request, status = MALFORMED[name]
    async with stage() as here:
        client = await here.client()
        await client.send(request + get("smuggled"))
        head, body = await client.answer()
        assert int(head.split(b" ")[1]) == status
        assert body.startswith(b"W4")
        if status not in KEPT_OPEN:
            await client.closed()
            assert client.received.count(b"HTTP/") == 1
            assert not here.peers
        client.close()


@pytest.mark.parametrize("version", [" HTTP/2.0", " HTTP/1.2", " HTTP/0.9", ""])
async def test_another_version_is_refused_by_its_name(version: str) -> None:
    async with stage() as here:
        head, body = await here.ask(f"GET {BASE}x{version}\r\nHost: a\r\n\r\n".encode())
        assert head.split(b" ")[1] == b"505"
        assert body == b"W406"
        assert not here.peers


@pytest.mark.parametrize("cut", [1, 5, 40])
@pytest.mark.parametrize("name", ["length and chunks", "NUL in a value", "too many fields", "bare line ends"])
async def test_a_malformed_request_is_refused_however_it_is_cut(name: str, cut: int) -> None:
    request, status = MALFORMED[name]
    async with stage() as here:
        client = await here.client()
        for start in range(0, len(request), cut):
            client.write(request[start : start + cut])
            await asyncio.sleep(0)
        head, _ = await client.answer()
        assert int(head.split(b" ")[1]) == status
        client.close()
        assert not here.peers


async def test_a_good_request_before_a_malformed_one_is_answered() -> None:
    async with stage() as here:
        client = await here.client()
        await client.send(get("good"))
        assert (await client.answer())[1] == b"hello"
        await client.send(MALFORMED["chunks and length"][0])
        assert (await client.answer())[0].split(b" ")[1] == b"400"
        assert await client.closed()
        client.close()
        assert b"good" in here.peers[0].received


@pytest.mark.parametrize(
    "target", [f"http://notes.example{BASE}x?y", f"HTTP://NOTES.EXAMPLE{BASE}x?y", f"{BASE}x?y"]
)
async def test_an_absolute_target_for_this_host_is_the_same_as_its_path(target: str) -> None:
    async with stage() as here:
        _, body = await here.ask(f"GET {target} HTTP/1.1\r\nHost: notes.example\r\n\r\n".encode())
        assert body == b"hello"
        assert here.peers[0].received.startswith(f"GET {BASE}x?y HTTP/1.1\r\n".encode())


async def test_a_head_that_never_ends_does_not_stay() -> None:
    async with stage() as here:
        client = await here.client()
        await client.send(f"GET {BASE}x HTTP/1.1\r\nHost: a\r\nX: ".encode())
        with pytest.raises(ConnectionError):  # noqa: PT012 - either of both calls may notice
            async with asyncio.timeout(PATIENCE):
                while True:
                    await client.send(b"a" * 1000)
                    await asyncio.sleep(LOOK_EVERY)
        assert not here.peers


@pytest.mark.parametrize("name", HOSTILE)
async def test_nothing_of_a_hostile_answer_reaches_the_visitor(name: str) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        # Larger than any limit of the stage, so that what has no end is noticed.
        filler = HOSTILE[name][-1:] * 200_000 if "without end" in name else b""
        await peer.send(HOSTILE[name] + filler)
        await peer.rest()

    async with stage(script, limits=replace(LIMITS, head=LIMIT)) as here:
        client = await here.client()
        await client.send(get())
        head = await client.head()
        if head.startswith(b"HTTP/1.1 200 "):
            # Only the body is faulty: then it must not end as if it were whole.
            assert not await client.closed()
            assert not client.received.endswith(b"0\r\n\r\n")
        else:
            assert head.startswith(b"HTTP/1.1 502 ")
            assert await client.exactly(4) == b"W503"
        assert b"X: a" not in client.received
        client.close()


async def test_a_switch_nobody_asked_for_is_refused() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(SWITCH + b"forged")
        await peer.rest()

    async with stage(script) as here:
        assert (await here.ask(get()))[1] == b"W503"


@pytest.mark.parametrize("status", sorted(BODILESS))
async def test_a_body_where_none_may_be_never_becomes_the_next_answer(status: int) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(HELLO)) + HELLO)
        await peer.rest()

    async with stage(script) as here:
        client = await here.client()
        await client.send(get())
        assert (await client.head()).startswith(b"HTTP/1.1 %d " % status)
        await asyncio.sleep(0.05)
        client.close()
        assert len(here.connections) == 0
