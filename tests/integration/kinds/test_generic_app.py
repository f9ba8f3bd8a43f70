"""The generic kind against small web apps on loopback."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from config import PoolSettings
from pool.engines.engine import Address
from pool.kinds import http_probe
from pool.kinds.generic import Generic
from pool.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KIND = Generic()
SENT = (("Authorization", "token t"),)


def pool(probe: str = "") -> PoolSettings:
    return PoolSettings(name="app", kind="generic", image="app", probe=probe)


@asynccontextmanager
async def serving(app: web.Application, base: str = "/") -> AsyncIterator[Upstream]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield Upstream(Address(host, port), base, base, SENT, "t")
    finally:
        await runner.cleanup()


async def probe(upstream: Upstream, path: str = "") -> bool:
    async with aiohttp.ClientSession() as http:
        return await KIND.probe(http, upstream, pool(path))


@pytest.mark.parametrize(
    ("status", "answers"), [(200, True), (204, True), (302, True), (401, False), (404, False), (503, False)]
)
async def test_an_app_is_there_when_it_answers_2xx_or_3xx(status: int, *, answers: bool) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/"})

    app = web.Application()
    app.router.add_get("/", handle)
    async with serving(app) as upstream:
        assert await probe(upstream) is answers


async def test_the_configured_path_below_the_base_is_asked_with_the_credential() -> None:
    asked: list[tuple[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append((request.path, request.headers.get("Authorization", "")))
        return web.Response()

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    async with serving(app, base="/user/x/") as upstream:
        assert await probe(upstream, "health")
    assert asked == [("/user/x/health", "token t")]


async def test_an_app_that_accepts_and_says_nothing_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_probe, "PROBE_LIMIT", 0.2)
    over = asyncio.Event()

    async def handle(_: web.Request) -> web.Response:
        await over.wait()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", handle)
    async with serving(app) as upstream:
        assert not await probe(upstream)
        over.set()


async def test_an_app_that_speaks_something_else_is_not_there() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        assert not await probe(Upstream(Address(host, port), "/", "/"))


async def test_an_app_that_answers_is_warm_and_never_busy() -> None:
    upstream = Upstream(Address("127.0.0.1", 1), "/", "/")
    async with aiohttp.ClientSession() as http:
        await KIND.warm(http, upstream, pool())
        assert not await KIND.is_busy(http, upstream)
