"""What becomes of requests and answers where a policy has its say, on real sockets."""

from __future__ import annotations

from dataclasses import replace

from gateway.policy.ruling import Passed
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import LIMITS, SECRET, get, hello, stage
from tests.integration.proxy.websocket import MIB, grant


async def test_an_answer_is_reworked_when_it_is_whole() -> None:
    passed = Passed(rework=lambda body: body.upper() + b"!")
    async with stage(hello, passed=passed) as here:
        client = await here.client()
        await client.send(get("x"))
        assert (await client.head()).startswith(b"HTTP/1.1 200 ")
        assert await client.until(b"0\r\n\r\n") == b"6\r\nHELLO!\r\n0\r\n\r\n"
        assert b"Accept-Encoding: identity" in here.peers[0].received
        client.close()


def unreadable(_body: bytes) -> bytes:
    raise ValueError("no JSON")


async def test_an_answer_that_cannot_be_reworked_is_never_taken_for_whole() -> None:
    async with stage(hello, passed=Passed(rework=unreadable)) as here:
        client = await here.client()
        await client.send(get("x"))
        assert not await client.closed()
        assert b"hello" not in client.received


async def large(peer: Peer) -> None:
    """Answer every request with a mebibyte."""
    while True:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MIB + bytes(MIB))


async def test_answers_that_are_held_back_count_until_they_are_taken() -> None:
    limits = replace(LIMITS, reworked=4 * MIB)
    longer = Passed(rework=lambda body: body * 16)
    async with stage(large, passed=longer, limits=limits) as here:
        idle = [await here.client() for _ in range(4)]
        for client in idle:
            client.transport.pause_reading()
            await client.send(get("x"))
        await until(lambda: here.meter.sent == 4 * 16 * MIB)
        late = await here.client()
        await late.send(get("x"))
        assert not await late.closed()
        for client in idle:
            client.transport.resume_reading()
            assert await client.swallow(16 * MIB) >= 16 * MIB
        await until(lambda: here.connections.holding.size == 0)
        for client in idle:
            await client.send(get("x"))
            assert await client.swallow(16 * MIB) >= 16 * MIB
            client.close()


async def test_a_page_gets_the_rules_script_and_loses_the_secret_alike() -> None:
    page = f"<html><head></head>{SECRET}.</html>".encode()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)
        )

    async with stage(script, passed=Passed(script=b"<style>calm</style>")) as here:
        client = await here.client()
        await client.send(get("lab"))
        await client.head()
        body = await client.until(b"0\r\n\r\n")
        assert b"<head><style>calm</style></head>" in body
        assert SECRET.encode() not in body
        client.close()


async def test_a_visitor_cannot_have_a_plain_request_switched() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        await peer.rest()

    async with stage(script, passed=Passed()) as here:
        head, _ = await here.ask(get("x"))
        assert head.startswith(b"HTTP/1.1 502 ")
