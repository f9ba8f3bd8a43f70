"""A Pluto notebook for reading: sliders and the author's cells work for each reader alone, nothing else.

The server is the stand-in of tests/julia unless PLUTO_IMAGE names an image with a real Pluto.
"""

from __future__ import annotations

import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import pytest_asyncio

from bench.pluto_page import PlutoPage, opened
from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.support.pluto import IMAGE, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module")]

POOLS = f"""
[[pools]]
name = "pluto"
kind = "pluto"
image = "{IMAGE}"
notebook = "{NOTEBOOK}"
mode = "view"
sizing = "static"
warm = 1
max = 1
hot = 1
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("view"), POOLS) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(gateway: RunningGateway) -> AsyncIterator[Visitor]:
    """Somebody who has opened the notebook. One for all tests: nobody of them can spoil it for the next."""
    async with Visitor(gateway.base) as someone:
        await gateway.until_ready()
        assert await someone.click() == 200
        yield someone


@asynccontextmanager
async def loaded(reader: Visitor) -> AsyncIterator[PlutoPage]:
    async with opened(reader.http, reader.landed) as page:
        await page.load()
        yield page


def code_of(page: PlutoPage) -> dict[str, str]:
    return {cell: each["code"] for cell, each in page.state["cell_inputs"].items()}


def cell_with(page: PlutoPage, words: str) -> str:
    (found,) = [cell for cell, code in code_of(page).items() if words in code]
    return found


async def refused(page: PlutoPage, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Say what a reader may not; return the answer, once the page has the true notebook again."""
    before = code_of(page)
    answer = await page.reply(await page.send(kind, body))
    assert code_of(page) == before
    return answer


async def test_a_slider_moves_a_result(reader: Visitor) -> None:
    async with loaded(reader) as page:
        await page.move("n", 8)
        await page.until_shown("The answer is <strong>40</strong>")


async def test_the_authors_cell_runs_again(reader: Visitor) -> None:
    async with loaded(reader) as page:
        cell = cell_with(page, "The answer")
        ran_at = page.state["cell_results"][cell]["output"]["last_run_timestamp"]
        await page.send("run_multiple_cells", {"cells": [cell]})
        while page.state["cell_results"][cell]["output"]["last_run_timestamp"] == ran_at:
            await page.receive()


async def test_a_typed_edit_is_answered_with_the_true_notebook_and_sliders_go_on(reader: Visitor) -> None:
    async with loaded(reader) as page:
        cell = cell_with(page, "scale = 5")
        edit = {"op": "replace", "path": ["cell_inputs", cell, "code"], "value": "scale = 1000"}
        answer = await refused(page, "update_notebook", {"updates": [edit]})
        assert answer["message"]["response"] == {"from_reset": True}
        await page.send("run_multiple_cells", {"cells": [cell]})
        await page.move("n", 9)
        await page.until_shown("The answer is <strong>45</strong>")


async def test_a_global_that_no_slider_sets_cannot_be_set(reader: Visitor) -> None:
    async with loaded(reader) as page:
        change = {"op": "add", "path": ["bonds", "scale"], "value": {"value": 1000}}
        await refused(page, "update_notebook", {"updates": [change]})
        assert "scale" not in page.state["bonds"]
        await page.move("n", 6)
        await page.until_shown("The answer is <strong>30</strong>")


async def test_a_new_cell_is_neither_made_nor_run(reader: Visitor) -> None:
    async with loaded(reader) as page:
        new = "00000009-0000-4000-8000-000000000000"
        made = {"cell_id": new, "code": "1 + 1", "code_folded": False}
        await refused(
            page,
            "update_notebook",
            {"updates": [{"op": "add", "path": ["cell_inputs", new], "value": made}]},
        )
        answer = await refused(page, "run_multiple_cells", {"cells": [new]})
        assert answer["type"] == "run_feedback"
        assert new not in page.state["cell_inputs"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "new"),
        ("POST", "new"),
        ("GET", "open?path=/etc/passwd"),
        ("POST", "open?path=/etc/passwd"),
        ("GET", "sample/Basic.jl"),
        ("POST", "notebookupload"),
        ("GET", "notebooklist"),
        ("GET", "statefile?id=ID"),
        ("GET", "shutdown?id=ID"),
        ("GET", "move?id=ID&newpath=/tmp/x.jl"),
        ("GET", "edit?id=ID&statefile=https://evil.example/x"),
        ("DELETE", "edit?id=ID"),
    ],
)
async def test_addresses_that_change_or_tell_too_much_are_refused(
    reader: Visitor, method: str, path: str
) -> None:
    notebook_id = parse_qs(urlsplit(reader.landed).query)["id"][0]
    async with reader.http.request(method, reader.url + path.replace("ID", notebook_id)) as answer:
        assert answer.status == 403
        assert (await answer.json())["code"] == "W421"


async def test_the_page_itself_comes_calm_and_with_all_its_parts(reader: Visitor) -> None:
    async with reader.http.get(reader.landed) as answer:
        page = await answer.text()
    assert page.index("<style>") < page.index("</head>")
    assert "#helpbox-wrapper" in page


async def test_a_websocket_at_another_address_is_refused(reader: Visitor) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await reader.http.ws_connect(reader.url + "open?path=/etc/passwd")
    assert refusal.value.status == 403


async def test_refusals_are_counted(gateway: RunningGateway, reader: Visitor) -> None:
    async def counted() -> float:
        async with reader.http.get(f"{gateway.admin}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        (found,) = [line for line in lines if line.startswith("warmgate_refused_total ")]
        return float(found.split()[1])

    before = await counted()
    await reader.get("new")
    assert await counted() == before + 1


async def test_a_gateway_that_was_killed_still_knows_what_a_reader_may_do(tmp_path: Path) -> None:
    # One more stays ready, as a gateway is only taken for started once visitors can come.
    pools = POOLS.replace("max = 1", "max = 2")
    async with RunningGateway(tmp_path, pools) as gateway, Visitor(gateway.base) as someone:
        await gateway.until_ready()
        assert await someone.click() == 200
        await gateway.stop(signal.SIGKILL)
        await gateway.start()
        async with loaded(someone) as page:
            change = {"op": "add", "path": ["bonds", "scale"], "value": {"value": 1000}}
            await refused(page, "update_notebook", {"updates": [change]})
            await page.move("n", 8)
            await page.until_shown("The answer is <strong>40</strong>")


async def test_workers_judge_alike(tmp_path: Path) -> None:
    pools = POOLS.replace("warm = 2\nmax = 2", "warm = 1\nmax = 1")
    async with (
        RunningGateway(tmp_path, pools, gateway="workers = 2") as gateway,
        Visitor(gateway.base) as someone,
    ):
        await gateway.until_ready()
        assert await someone.click() == 200
        async with loaded(someone) as page:
            change = {"op": "add", "path": ["bonds", "scale"], "value": {"value": 1000}}
            await refused(page, "update_notebook", {"updates": [change]})
            await page.move("n", 8)
            await page.until_shown("The answer is <strong>40</strong>")
        assert (await someone.get("new"))[0] == 403
