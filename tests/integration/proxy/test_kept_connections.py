from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import HELLO, LIMITS, get, stage


async def test_a_kept_connection_that_died_is_replaced_without_the_visitor_noticing() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(HELLO)
        await peer.head()  # takes a second request, and hangs up

    async with stage(script) as here:
        assert (await here.ask(get("1")))[1] == b"hello"
        assert (await here.ask(get("2")))[1] == b"hello"
        assert len(here.peers) == 2
        assert here.peers[0].received.count(b"GET ") == 2


async def test_a_request_is_sent_again_only_once() -> None:
    async def script(peer: Peer) -> None:
        if peer is here.peers[0]:
            await hello_once(peer)
        await peer.head()

    async def hello_once(peer: Peer) -> None:
        await peer.head()
        await peer.send(HELLO)

    async with stage(script) as here:
        await here.ask(get("1"))
        assert (await here.ask(get("2")))[1] == b"W501"
        assert len(here.peers) == 2


async def test_a_request_is_not_sent_again_when_something_of_an_answer_came() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(HELLO)
        await peer.head()
        await peer.send(b"HTTP/1.1 2")

    async with stage(script) as here:
        await here.ask(get("1"))
        assert (await here.ask(get("2")))[1] == b"W501"
        assert len(here.peers) == 1


async def test_what_may_not_be_sent_twice_never_uses_a_kept_connection() -> None:
    async with stage() as here:
        await here.ask(get("1"))
        await here.ask(get("2", "Content-Length: 0", method="POST"))
        await here.ask(get("3", "Content-Length: 0", method="DELETE"))
        assert len(here.peers) == 3


async def test_bytes_nobody_asked_for_end_a_kept_connection() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(HELLO)
        await asyncio.sleep(0.05)
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")
        await peer.rest()

    async with stage(script) as here:
        assert (await here.ask(get("1")))[1] == b"hello"
        await until(lambda: len(here.connections) == 0)
        assert (await here.ask(get("2")))[1] == b"hello"


@pytest.mark.parametrize("wait", [0.0, 0.05])
async def test_a_second_answer_behind_the_first_is_never_used(wait: float) -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        forged = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
        await peer.send(HELLO + forged if not wait else HELLO)
        await asyncio.sleep(wait)
        await peer.send(forged)
        await peer.rest()

    async with stage(script) as here:
        client = await here.client()
        for _ in range(3):
            await client.send(get())
            assert (await client.answer())[1] == b"hello"
            await asyncio.sleep(wait * 2)
        client.close()


async def test_a_kept_connection_is_closed_after_a_while() -> None:
    async with stage(limits=replace(LIMITS, idle=0.1)) as here:
        await here.ask(get())
        assert len(here.connections) == 1
        await until(lambda: here.peers[0].ended)
        assert len(here.connections) == 0


async def test_few_idle_connections_are_kept_and_too_many_busy_ones_refused() -> None:
    go_on = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        await go_on.wait()
        await peer.send(HELLO)
        await peer.rest()

    async with stage(script, limits=replace(LIMITS, connections=4, idle_connections=2)) as here:
        clients = [await here.client() for _ in range(4)]
        for client in clients:
            await client.send(get())
        await until(lambda: len(here.peers) == 4)
        head, body = await here.ask(get())
        assert head.startswith(b"HTTP/1.1 503 ")
        assert body == b"W504"
        go_on.set()
        for client in clients:
            assert (await client.answer())[1] == b"hello"
            client.close()
        await until(lambda: len(here.connections) == 2)
