"""Every answer that is an error carries its code: in pages, in JSON, on both doors, and in the log."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bench.running import RunningGateway
from bench.visitor import Visitor
from gateway import answers
from gateway.proxy.hardened import HardenedRunner
from tests.support.apps import app_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler

    from config.errors import WarmgateError

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = {"Accept": "text/html"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("codes"), app_pool(), engine="process") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/user/" + "a" * 26 + "/", 404, "W403"),
        ("GET", "/nosuch", 404, "W403"),
        ("PUT", "/api/spawn", 405, "W405"),
        ("POST", "/api/spawn?pool=nosuch", 404, "W304"),
        ("GET", "/spawn//twice", 400, "W401"),
    ],
)
async def test_visitors_get_code_and_sentence_as_json_and_as_a_page(
    gateway: RunningGateway, http: aiohttp.ClientSession, method: str, path: str, status: int, code: str
) -> None:
    async with http.request(method, gateway.base + path) as answer:
        assert (answer.status, (await answer.json())["code"]) == (status, code)
    async with http.request(method, gateway.base + path, headers=PAGE) as page:
        assert (page.status, page.content_type) == (status, "text/html")
        assert f">{code}<" in await page.text()


async def test_what_is_no_request_gets_its_code(gateway: RunningGateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n")
    async with asyncio.timeout(10):
        told = await reader.read()
    writer.close()
    assert json.loads(told.partition(b"\r\n\r\n")[2])["code"] == "W401"


async def test_a_fault_of_our_own_gets_a_code_and_shows_nothing_of_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def first(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        raise RuntimeError("inner detail")

    def explain(request: web.BaseRequest, error: WarmgateError) -> web.StreamResponse:
        return answers.error(request, error, prefix="")

    runner = HardenedRunner(web.Application(), first=first, explain=explain, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        async with aiohttp.ClientSession() as http, http.get(address) as answer:
            text = await answer.text()
    finally:
        await runner.cleanup()
    assert (answer.status, json.loads(text)["code"]) == (500, "W000")
    assert "inner detail" not in text
    assert "inner detail" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nosuch", 404, "W418"),
        ("GET", "/api/pool", 405, "W405"),
        ("POST", "/metrics", 405, "W405"),
        ("POST", "/api/pools/nosuch/scale", 400, "W401"),
        ("DELETE", "/api/pool?pool=nosuch", 404, "W304"),
    ],
)
async def test_the_operators_door_answers_with_a_code_too(
    gateway: RunningGateway, http: aiohttp.ClientSession, method: str, path: str, status: int, code: str
) -> None:
    async with http.request(method, gateway.admin + path) as answer:
        assert (answer.status, answer.content_type) == (status, "application/json")
        assert (await answer.json())["code"] == code
        assert ("Allow" in answer.headers) == (status == 405)


async def test_a_server_that_fails_is_logged_once_with_code_and_instance_and_never_with_the_session(
    gateway: RunningGateway,
) -> None:
    await gateway.until_ready()
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        # From now on its server answers what is not HTTP, and lives.
        faulty = "import __main__; __main__.Handler.do_GET = lambda self: self.wfile.write(b'no http at all')"
        async with someone.http.post(someone.url, data=faulty) as answer:
            assert answer.status == 200
        for _ in range(5):
            async with someone.http.get(someone.url + "?query=canary") as answer:
                assert answer.status == 502
                assert (await answer.json())["code"] == "W503"
        lines = [json.loads(line) for line in gateway.log.splitlines() if '"request_failed"' in line]
        session_id = someone.url.rstrip("/").rsplit("/", 1)[1]
        await someone.leave()
    assert [line["level"] for line in lines] == ["warning"]
    assert lines[0]["code"] == "W503"
    assert len(lines[0]["instance"]) == 8
    for secret in (session_id, "canary"):
        assert secret not in gateway.log
