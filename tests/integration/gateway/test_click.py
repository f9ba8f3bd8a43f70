"""The whole way of a click, on the real engine with the real image."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import TYPE_CHECKING

import aiohttp
import psutil
import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module")]

POOLS = """
[[pools]]
name = "jupyter"
sizing = "static"
warm = 1
max = 3
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("gateway"), POOLS) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(gateway: RunningGateway) -> AsyncIterator[Visitor]:
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        yield someone
        await someone.leave()


async def test_a_click_leads_to_a_notebook_page_in_which_a_cell_runs(gateway: RunningGateway) -> None:
    await gateway.until_ready()
    async with Visitor(gateway.base) as someone:
        assert await someone.click() == 200
        assert await someone.run("6 * 7") == "42"
        assert await someone.leave() == 200


async def test_the_visitor_attaches_to_the_kernel_that_already_ran_the_notebook(visitor: Visitor) -> None:
    assert await visitor.run("len(primes)") == "15"
    notebook = json.loads((await visitor.get("api/contents/welcome.ipynb"))[1])["content"]
    printed = [o["text"] for cell in notebook["cells"] for o in cell.get("outputs", []) if "text" in o]
    assert any("15 primes below 50" in text for text in printed)


async def test_an_instance_is_gone_after_use_and_the_pool_is_full_again(
    gateway: RunningGateway, visitor: Visitor
) -> None:
    used = {i["id"] for i in await gateway.instances() if i["state"] == "assigned"}
    assert await visitor.leave() == 200

    async def recycled() -> bool:
        now = await gateway.instances()
        return not used & {i["id"] for i in now} and [i["state"] for i in now] == ["warm"]

    await gateway.until(recycled)
    status, _ = await visitor.get("api/kernels")
    assert status == 410


async def test_a_file_goes_up_and_comes_down_unchanged(visitor: Visitor) -> None:
    content = bytes(range(256)) * 4096
    model = {"type": "file", "format": "base64", "content": base64.b64encode(content).decode()}
    body = io.BytesIO(json.dumps(model).encode())
    async with visitor.http.put(f"{visitor.url}api/contents/data.bin", data=body) as answer:
        assert answer.status == 201
    status, back = await visitor.get("files/data.bin")
    assert (status, back) == (200, content)


async def test_a_byte_range_of_a_file_can_be_asked_for(visitor: Visitor) -> None:
    await visitor.run("open('range.txt', 'w').write('0123456789')")
    async with visitor.http.get(f"{visitor.url}files/range.txt", headers={"Range": "bytes=2-4"}) as answer:
        assert answer.status in {200, 206}
        assert await answer.read() in {b"234", b"0123456789"}


async def test_neither_pages_nor_answers_show_the_token_or_set_a_cookie(visitor: Visitor) -> None:
    inside = await visitor.run("import os; print(os.environ['JUPYTER_TOKEN'])")
    token = inside.strip().encode()
    assert len(token) > 20
    pages = ("tree", "lab", "notebooks/welcome.ipynb", "api/status")
    errors = ("no/such/page", "files/nosuch", "static/nosuch", "api/nosuch", "lab/nosuch")
    for path in pages + errors:
        async with visitor.http.get(visitor.url + path, headers={"Origin": "https://evil.example"}) as answer:
            assert token not in await answer.read(), path
            assert "Set-Cookie" not in answer.headers, path
            assert "Access-Control-Allow-Origin" not in answer.headers, path


async def test_a_message_of_many_megabytes_crosses_the_websocket(visitor: Visitor) -> None:
    # tornado, on the other side, takes 10 MiB; libraries that frame anew stop at 1 or 4.
    assert await visitor.run(f"len('{'x' * 9_000_000}')") == "9000000"


async def test_the_instance_cannot_reach_out_of_the_machine(visitor: Visitor) -> None:
    code = """
import socket
try:
    socket.create_connection(("192.0.2.1", 80), timeout=2)
    print("reached")
except OSError as error:
    print("closed")
"""
    assert (await visitor.run(code)).strip() == "closed"


async def test_an_instance_that_dies_gives_a_clear_page_and_clear_json_and_no_hanging_request(
    gateway: RunningGateway,
) -> None:
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        await someone.run("1")
        # The kernel shares the container's process space with the server.
        await someone.run("import os, signal; os.kill(1, signal.SIGTERM)")

        async def ended() -> bool:
            return (await someone.get("api/status"))[0] == 410

        await gateway.until(ended)
        async with someone.http.get(someone.url, headers={"Accept": "text/html"}) as page:
            assert page.status == 410
            assert "stopped by itself" in await page.text()
        async with someone.http.get(someone.url + "api/kernels") as answer:
            assert answer.status == 410
            assert (await answer.json())["code"] == "W404"
            assert int(answer.headers["Retry-After"]) > 0


async def test_nothing_secret_is_in_the_log(gateway: RunningGateway, visitor: Visitor) -> None:
    await visitor.get("api/status?token=canary&other=canary2")
    session_id = visitor.url.rstrip("/").rsplit("/", 1)[1]
    token = (await visitor.run("import os; print(os.environ['JUPYTER_TOKEN'])")).strip()
    for secret in (session_id, token, "canary"):
        assert secret not in gateway.log


async def test_metrics_tell_of_hits_states_starts_and_bytes(
    gateway: RunningGateway, visitor: Visitor
) -> None:
    del visitor
    async with aiohttp.ClientSession() as http, http.get(gateway.admin + "/metrics") as answer:
        text = await answer.text()
    for name in (
        'warmgate_pool_hits_total{pool="jupyter"}',
        'warmgate_pool_misses_total{pool="jupyter"}',
        'warmgate_instances{pool="jupyter",state="assigned"} 1.0',
        "warmgate_start_seconds_bucket",
        "warmgate_age_at_assignment_seconds_bucket",
        "warmgate_wait_seconds_bucket",
        'warmgate_recycled_total{pool="jupyter",reason="shutdown"}',
        'warmgate_relayed_bytes_total{direction="to_visitor"}',
        "warmgate_relayed_requests_total",
        'warmgate_charged_bytes{pool="jupyter"}',
        "warmgate_budget_bytes",
        "warmgate_engine_up 1.0",
    ):
        assert name in text, name


async def test_thirty_tabs_that_close_at_any_moment_leave_nothing_open(
    gateway: RunningGateway, visitor: Visitor
) -> None:
    async def tab(number: int) -> None:
        try:
            async with asyncio.timeout(0.02 * (number % 10)):
                if number % 2:
                    await visitor.run("import time; time.sleep(1)")
                else:
                    await visitor.get("lab")
        except (TimeoutError, aiohttp.ClientError):
            return

    pid = gateway.process.pid if gateway.process else 0
    before = _descriptors(pid)
    await asyncio.gather(*(tab(number) for number in range(30)))

    async def settled() -> bool:
        # The visitor's own kept-alive connections may stay.
        return _descriptors(pid) <= before + 10

    await gateway.until(settled)


def _descriptors(pid: int) -> int:
    return psutil.Process(pid).num_fds()
