"""The operator's page and its stream, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from typing import TYPE_CHECKING, Any

import aiohttp

from bench.running import RunningGateway
from gateway.routes import dashboard
from pool.core.states import READY, State
from tests.support.apps import app_pool
from tests.support.operated import GRACE, operated

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from aiohttp import web

TOKEN = "right"
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
NEWS_LIMIT = 10.0
"""Seconds a message may take here; SILENCE is shorter."""


async def message(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    async with asyncio.timeout(NEWS_LIMIT):
        line = await stream.content.readline()
        assert await stream.content.readline() == b"\n"
    name, _, content = line.partition(b": ")
    assert name == b"data"
    view: dict[str, Any] = json.loads(content)
    return view


async def test_the_stream_tells_at_once_and_then_each_change(tmp_path: Path) -> None:
    async with (
        operated(tmp_path) as gateway,
        gateway.open() as (base, _),
        aiohttp.ClientSession(base) as http,
        http.get("/api/overview/events") as stream,
    ):
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert (await message(stream))["pools"][0]["states"]["warm"]["count"] == 0
        gateway.put(State.WARM, 2)
        view = await message(stream)
        assert view["pools"][0]["states"]["warm"]["count"] == 2
        async with http.get("/api/overview") as answer:
            assert (await answer.json()).keys() == view.keys()


async def test_a_stream_without_news_shows_now_and_then_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "PERIOD", 0.02)
    monkeypatch.setattr(dashboard, "SILENCE", 0.1)
    async with (
        operated(tmp_path) as gateway,
        gateway.open() as (base, _),
        aiohttp.ClientSession(base) as http,
        http.get("/api/overview/events") as stream,
    ):
        seen = [await message(stream) for _ in range(3)]
    assert seen[0]["pools"] == seen[2]["pools"]
    assert seen[2]["now"] - seen[0]["now"] >= 0.2


async def test_changes_come_together_at_most_once_in_a_period(tmp_path: Path) -> None:
    async with operated(tmp_path) as gateway:
        board = dashboard.Dashboard(gateway.site)
        first = board.look()
        gateway.put(State.WARM, 3)
        assert board.look() is first
        gateway.clock.offset += dashboard.PERIOD
        assert board.look().number == first.number + 1


async def test_streams_end_cleanly_and_at_once_when_the_gateway_stops(tmp_path: Path) -> None:
    async with (
        operated(tmp_path) as gateway,
        gateway.open() as (base, runner),
        aiohttp.ClientSession(base) as http,
    ):
        streams = [await http.get("/api/overview/events") for _ in range(3)]
        for stream in streams:
            await message(stream)
        took = await stopping(runner)
        for stream in streams:
            # No error of an unfinished body: the last chunk has come.
            assert await stream.content.read() == b""
    assert took < GRACE / 2


async def test_a_reader_who_has_fallen_asleep_does_not_hold_up_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "PERIOD", 0.0)
    monkeypatch.setattr(dashboard, "SILENCE", 0.0)
    async with operated(tmp_path) as gateway, gateway.open() as (base, runner):
        host, port = base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as sleeper:
            sleeper.sendall(b"GET /api/overview/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await until_stuck(runner)
            took = await stopping(runner)
    assert took < GRACE / 2


async def until_stuck(runner: web.AppRunner) -> None:
    """Wait until the kernel takes no more of what is written to the one connection."""
    async with asyncio.timeout(NEWS_LIMIT):
        while True:
            await asyncio.sleep(0.05)
            assert runner.server is not None
            for connection in runner.server.connections:
                transport = connection.transport
                if (
                    isinstance(transport, asyncio.WriteTransport)
                    and transport.get_write_buffer_size() > 2**16
                ):
                    return


async def stopping(runner: web.AppRunner) -> float:
    began = time.monotonic()
    await runner.cleanup()
    return time.monotonic() - began


async def test_with_a_token_a_browser_is_asked_and_then_sees_everything(tmp_path: Path) -> None:
    async with (
        operated(tmp_path, gateway={"admin_token": TOKEN}) as gateway,
        gateway.open() as (base, _),
        aiohttp.ClientSession(base) as http,
    ):
        async with http.get("/", headers=NAVIGATION) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")
            assert "W420" in await answer.text()
        async with http.get("/api/overview") as answer:
            assert answer.status == 403
            assert "WWW-Authenticate" not in answer.headers
        password = {"Authorization": aiohttp.encode_basic_auth("me", TOKEN)}
        for path in ("/", "/api/overview", "/assets/dashboard.js", "/metrics", "/api/instances"):
            async with http.get(path, headers=password) as answer:
                assert answer.status == 200, path
        async with http.get("/api/overview/events", headers=password) as stream:
            assert await message(stream)
        async with http.delete("/api/pool", headers=password) as answer:
            assert answer.status == 403
        async with http.delete("/api/pool", headers={"Authorization": f"token {TOKEN}"}) as answer:
            assert answer.status == 200


async def test_the_page_runs_no_script_but_ours_and_in_nobodys_frame(tmp_path: Path) -> None:
    async with (
        operated(tmp_path) as gateway,
        gateway.open() as (base, _),
        aiohttp.ClientSession(base) as http,
        http.get("/") as answer,
    ):
        policy = dict(
            part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
        )
        text = await answer.text()
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert text.count("<script") == 1
    assert "style=" not in text
    assert "onclick" not in text
    assert "http://" not in text
    assert "https://" not in text


async def ready(running: RunningGateway, count: int) -> bool:
    return sum(instance["state"] in READY for instance in await running.instances()) == count


async def test_a_running_gateway_shows_its_instances_and_stops_while_the_page_is_open(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, app_pool(warm=2), engine="process") as running:
        await running.until(lambda: ready(running, 2))
        async with (
            aiohttp.ClientSession(running.admin) as http,
            http.get("/api/overview/events") as stream,
        ):
            view = await message(stream)
            assert view["health"]["state"] == "well"
            assert view["engine"]["name"] == "process"
            states = view["pools"][0]["states"]
            assert states["warm"]["count"] + states["paused"]["count"] == 2
            assert await running.stop() == 0
