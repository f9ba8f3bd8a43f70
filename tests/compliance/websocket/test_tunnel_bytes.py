"""Whatever visitor and instance say to each other over a websocket, both hear through the gateway, byte for
byte, what they hear without it.
"""

from __future__ import annotations

import asyncio
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.compliance.websocket import recorder
from tests.compliance.websocket.conversations import CONVERSATIONS, Conversation
from tests.compliance.websocket.recorder import EXTENSION, KEY, LIMIT, Recorder, read_to_end, send_cut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHOLE = 1 << 30
SMALL = 2048  # bytes that are still sent one by one
PRIME = 4093  # bytes a piece otherwise has, so that pieces and frames begin at different places
POOL = f"""
[[pools]]
name = "recorder"
kind = "generic"
command = ["{sys.executable}", "{Path(recorder.__file__)}", "{{ip}}", "{{port}}"]
sizing = "static"
warm = 1
max = 1
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came out at either end."""

    by_visitor: bytes
    by_instance: bytes


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def direct() -> AsyncIterator[str]:
    server = await asyncio.start_server(Recorder().accept, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def through(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("tunnel")
    async with RunningGateway(folder, POOL, engine="process") as gateway, Visitor(gateway.base) as visitor:
        await visitor.spawn_patiently()
        yield visitor.url


async def talk(base: str, name: str, cut: int) -> Heard:
    """Hold a conversation below this address, in pieces of `cut` bytes; return what both sides have heard."""
    conversation, call = CONVERSATIONS[name], uuid.uuid4().hex
    there = urlsplit(base)
    async with asyncio.timeout(LIMIT):
        reader, writer = await asyncio.open_connection(there.hostname, there.port)
        try:
            path = f"{there.path}talk/{call}/{list(CONVERSATIONS).index(name)}/{cut}"
            writer.write(handshake(path, there.netloc))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101 ")
            assert EXTENSION.encode() in head
            async with asyncio.TaskGroup() as group:
                group.create_task(send_cut(writer, conversation.visitor, cut))
                listening = group.create_task(listen(reader, conversation))
        finally:
            writer.close()
        async with aiohttp.ClientSession() as http, http.get(f"{base}heard/{call}") as answer:
            return Heard(by_visitor=listening.result(), by_instance=await answer.read())


def handshake(path: str, host: str) -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {KEY}",
        f"Sec-WebSocket-Extensions: {EXTENSION}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


async def listen(reader: asyncio.StreamReader, conversation: Conversation) -> bytes:
    """Return all the instance has said: up to its end of the connection, or as much as it has to say."""
    if conversation.instance_ends:
        return b"".join([data async for data in read_to_end(reader)])
    return await reader.readexactly(len(conversation.instance))


@pytest.mark.parametrize("cut", ["whole", "chopped"])
@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_both_ends_hear_the_same_bytes_as_without_a_gateway(
    direct: str, through: str, name: str, cut: str
) -> None:
    said = CONVERSATIONS[name]
    chopped = 1 if max(len(said.visitor), len(said.instance)) <= SMALL else PRIME
    size = WHOLE if cut == "whole" else chopped
    without = await talk(direct, name, size)
    assert without == Heard(by_visitor=said.instance, by_instance=said.visitor)
    assert await talk(through, name, size) == without
