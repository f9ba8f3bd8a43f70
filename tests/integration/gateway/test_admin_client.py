"""What the operator's commands say when something else than a sound gateway is at the admin address."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest

from config import Settings, WarmgateError
from gateway.cli.client import AdminClient, admin
from gateway.cli.errors import (
    AnswerUnusable,
    CommandRefused,
    GatewaySilent,
    GatewayUnreachable,
    InstanceGone,
    TokenRefused,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SILENCE = b""
HANG = b"hang"
PATIENCE = 10.0
"""Seconds until a connection must have been closed."""


def http(status: str, body: bytes, *fields: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", ""])
    return head.encode() + body


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[tuple[Settings, list[bytes]]]:
    """Yield settings of a gateway at whose admin port somebody answers just this."""
    heads: list[bytes] = []
    over: list[asyncio.Event] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        done = asyncio.Event()
        over.append(done)
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if answer == HANG:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()
        await writer.wait_closed()
        done.set()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        token = "known-to-operators-only"
        yield Settings.model_validate({"gateway": {"admin_port": port, "admin_token": token}}), heads
    async with asyncio.timeout(PATIENCE):
        for done in over:
            await done.wait()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (SILENCE, GatewayUnreachable),
        (http("200 OK", b"{}")[:-1], GatewayUnreachable),
        (b"SSH-2.0-OpenSSH_9.2\r\n", AnswerUnusable),
        (http("200 OK", b"<html>"), AnswerUnusable),
        (http("200 OK", b'{"drained": "many"}'), AnswerUnusable),
        (http("500 Internal Server Error", b"oops"), AnswerUnusable),
        (http("302 Found", b"", "Location: http://127.0.0.1:9/"), AnswerUnusable),
        (http("403 Forbidden", b'{"code": "W410", "message": "no"}'), TokenRefused),
        (http("404 Not Found", b'{"code": "W601", "message": "no"}'), InstanceGone),
        (http("404 Not Found", b'{"code": "W304", "message": "no"}'), CommandRefused),
        (http("503 Service Unavailable", b'{"code": "W201", "message": "no"}'), CommandRefused),
    ],
)
async def test_every_answer_ends_in_a_result_or_in_an_error_of_the_tree(
    answer: bytes, error: type[WarmgateError]
) -> None:
    async with answering(answer) as (settings, _), admin(settings) as client:
        with pytest.raises(WarmgateError) as caught:
            await client.drain(None)
    assert type(caught.value) is error


async def test_the_token_goes_with_the_request_and_into_no_message() -> None:
    async with answering(http("200 OK", b'{"drained": 3}')) as (settings, heads), admin(settings) as client:
        assert await client.drain("app") == 3
    assert b"Authorization: token known-to-operators-only\r\n" in heads[0]
    assert heads[0].startswith(b"DELETE /api/pool?pool=app HTTP/1.1\r\n")


async def test_a_gateway_that_hangs_is_not_waited_for_without_end() -> None:
    async with (
        answering(HANG) as (settings, _),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session,
    ):
        with pytest.raises(GatewaySilent):
            await AdminClient(session, f"http://127.0.0.1:{settings.gateway.admin_port}").drain(None)


async def test_nobody_at_all_is_told_in_the_systems_own_words() -> None:
    async with answering(SILENCE) as (settings, _):
        pass
    async with admin(settings) as client:
        with pytest.raises(GatewayUnreachable, match="Connection refused"):
            await client.drain(None)
