"""Moments in which something else happens than what a connection waits for."""

from __future__ import annotations

import asyncio
import gc
import socket
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiohttp.web_protocol import RequestHandler

from pool.engines.engine import Address
from tests.integration.proxy.peer import PATIENCE, Peer, until
from tests.integration.proxy.rig import HELLO, LIMITS, get, hello, stage
from tests.integration.proxy.websocket import MIB, ask, frame, switching

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.integration.proxy.rig import OneSession

OURS = b"GET /nosuch HTTP/1.1\r\nHost: notes.example\r\n\r\n"
CHUNKS = get("x", "Transfer-Encoding: chunked", method="PUT")


@contextmanager
def faults() -> Iterator[list[dict[str, Any]]]:
    """What the loop was told of exceptions nobody expected."""
    told: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context))
    try:
        yield told
    finally:
        loop.set_exception_handler(None)


@contextmanager
def deaf() -> Iterator[Address]:
    """An address that takes no connection and refuses none."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield Address(*listener.getsockname())


async def test_a_request_refused_while_its_connection_was_opened_is_not_answered_again() -> None:
    limits = replace(LIMITS, connect=0.1, cause=0.05)
    with faults() as told, deaf() as address:
        async with stage(limits=limits, address=address) as here:
            client = await here.client()
            await client.send(CHUNKS)
            await until(lambda: len(here.connections) == 1)
            await client.send(b"zz\r\n")
            assert (await client.answer())[1] == b"W401"
            assert len(here.connections) == 0
            await asyncio.sleep(0.2)
            assert here.meter.statuses == [400]
            client.close()
    assert not told


async def test_a_request_refused_while_its_loss_was_asked_about_is_not_answered_again() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        peer.reset()

    with faults() as told:
        async with stage(script) as here:
            client = await here.client()
            await client.send(CHUNKS)
            await until(lambda: here.meter.losses == 1)
            await client.send(b"zz\r\n")
            assert (await client.answer())[1] == b"W401"
            await asyncio.sleep(LIMITS.cause + 0.1)
            assert here.meter.statuses == [400]
            client.close()
    assert not told


async def test_a_visitor_who_asks_on_and_takes_nothing_is_not_answered_without_end() -> None:
    size = 100_000
    asked = 2_000
    answered = 0

    async def script(peer: Peer) -> None:
        nonlocal answered
        while True:
            await peer.head()
            answered += 1
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))

    async with stage(script) as here:
        client = await here.client()
        client.transport.pause_reading()
        client.write(get() * asked)
        before = -1
        while before < answered:
            before = answered
            await asyncio.sleep(0.1)
        # What the kernel holds for both ends, and no more.
        assert answered * size < 32 * MIB
        client.reset()


async def test_a_visitor_who_takes_their_answers_late_gets_all_of_them() -> None:
    size = 300_000

    async def script(peer: Peer) -> None:
        while True:
            await peer.head()
            await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))

    async with stage(script) as here:
        client = await here.client()
        client.transport.pause_reading()
        client.write((get() + OURS) * 40)
        await asyncio.sleep(0.1)
        client.transport.resume_reading()
        for _ in range(40):
            assert len((await client.answer())[1]) == size
            assert (await client.answer())[0].startswith(b"HTTP/1.1 404 ")
        client.close()


async def test_half_closed_visitors_get_every_answer_they_asked_for() -> None:
    refused = b"GET /user/a%00b/ HTTP/1.1\r\nHost: a\r\n\r\n"
    async with stage(hello) as here:
        client = await here.client()
        client.write(get() + refused + get() + refused + OURS + get())
        client.half_close()
        told = await client.rest()
        assert told.count(b"HTTP/1.1 ") == 6
        assert told.count(b"hello") == 3
        client.close()


def handlers() -> int:
    """How many handlers of aiohttp there are."""
    gc.collect()
    return sum(isinstance(thing, RequestHandler) for thing in gc.get_objects())


async def test_a_websocket_over_a_connection_that_had_our_pages_leaves_aiohttp_behind() -> None:
    async def then(peer: Peer) -> None:
        await peer.send(frame(1, b"hi"))
        await peer.rest()

    async with stage(switching(then)) as here:
        before = handlers()
        tasks = len(asyncio.all_tasks())
        client = await here.client()
        await client.send(OURS)
        await client.answer()
        await client.send(ask())
        await client.until(b"hi")
        await until(lambda: handlers() == before)
        # The instance's side is a task of this test.
        assert len(asyncio.all_tasks()) <= tasks + 1
        client.close()


async def test_a_handshake_behind_a_body_in_chunks_is_a_body_torn_and_no_fault() -> None:
    async def script(peer: Peer) -> None:
        await peer.until(b"0\r\n\r\n")
        await peer.send(HELLO)

    with faults() as told:
        async with stage(script) as here:
            client = await here.client()
            await client.send(CHUNKS + b"5\r\nhello\r\n0\r\n\r\n" + ask())
            assert (await client.answer())[1] == b"hello"
            assert await client.closed()
            client.close()
    assert not told


async def test_a_body_that_cannot_be_amended_is_answered_all_the_same() -> None:
    async def amend(_body: bytes, _relay: Callable[[bytes], Awaitable[None]]) -> None:
        raise RecursionError

    async with stage(hello) as here:
        desk = cast("OneSession", here.door._desk)
        desk.amend = amend
        head, body = await here.ask(get("x", "Content-Length: 2", method="POST") + b"[]")
        assert head.startswith(b"HTTP/1.1 500 ")
        assert body == b"W000"
        assert not here.peers


async def test_the_rest_of_an_upload_that_was_answered_early_is_read_for_a_while_only() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(HELLO)
        await peer.rest()

    async with stage(script, limits=replace(LIMITS, linger=0.2)) as here:
        client = await here.client()
        await client.send(get("x", "Content-Length: 1000000", method="PUT") + b"1")
        assert (await client.answer())[1] == b"hello"
        with pytest.raises(ConnectionError):  # noqa: PT012 - any of the pieces may notice
            async with asyncio.timeout(PATIENCE):
                while True:
                    await client.send(b"1")
                    await asyncio.sleep(0.01)
        client.close()
