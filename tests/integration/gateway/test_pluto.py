"""Pluto behind the gateway: warm means run, the key stays with us, a page that is merely open is not use.

The server is the stand-in of tests/julia unless PLUTO_IMAGE names an image with a real Pluto.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from bench.pluto_page import opened
from bench.running import COMMAND, RunningGateway
from bench.visitor import Visitor
from tests.support.pluto import IMAGE, NOTEBOOK, image_with, notebook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module")]

IDLE = 4.0
"""Seconds."""


def pluto(
    name: str = "pluto",
    *,
    image: str = IMAGE,
    opens: str = NOTEBOOK,
    warm: int = 1,
    most: int = 1,
    more: str = "",
) -> str:
    return f"""
[[pools]]
name = "{name}"
kind = "pluto"
image = "{image}"
notebook = "{opens}"
sizing = "static"
warm = {warm}
max = {most}
hot = {most}
{more}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("pluto"), pluto(warm=2, most=2)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(gateway: RunningGateway) -> AsyncIterator[Visitor]:
    """Somebody who has just clicked, and leaves in the end."""
    async with Visitor(gateway.base) as someone:
        await gateway.until_quiet(2)
        assert await someone.click() == 200
        yield someone
        await someone.leave()


async def test_a_click_lands_on_a_notebook_that_has_run_with_its_widgets_at_their_first_values(
    visitor: Visitor,
) -> None:
    assert "/edit?id=" in visitor.landed
    async with opened(visitor.http, visitor.landed) as page:
        state = await page.load()
        assert state["bonds"] == {"n": {"value": 7}}
        assert any("The answer is <strong>35</strong>" in body for body in page.shown())
        await page.move("n", 8)
        await page.until_shown("The answer is <strong>40</strong>")


async def test_no_cookie_and_no_token_crosses_the_gateway(visitor: Visitor) -> None:
    async with visitor.http.get(visitor.landed + "&token=mine", headers={"Cookie": "secret=mine"}) as answer:
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
    # Pluto would tell the first token it ever saw to everybody who asks here.
    assert await visitor.get("possible_binder_token_please?token=mine") == (200, b"")
    assert await visitor.get("possible_binder_token_please") == (200, b"")


async def test_a_page_of_another_origin_gets_its_websocket(visitor: Visitor) -> None:
    where = visitor.landed.partition("edit?")[0]
    async with visitor.http.ws_connect(where, headers={"Origin": "https://elsewhere.example"}) as socket:
        assert not socket.closed


async def test_an_instance_found_again_is_entered_at_its_notebook(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, pluto(most=2)) as gateway, Visitor(gateway.base) as someone:
        assert await someone.click() == 200
        await gateway.until_ready()
        before = {i["id"]: i["state"] for i in await gateway.instances()}
        assert sorted(before.values()) == ["assigned", "warm"]
        await gateway.stop(signal.SIGKILL)
        await gateway.start()
        assert {i["id"]: i["state"] for i in await gateway.instances()} == before
        for landed in (someone.landed, await _click(gateway)):
            async with opened(someone.http, landed) as page:
                await page.load()
                assert any("The answer is <strong>35</strong>" in body for body in page.shown())


async def test_a_page_that_is_merely_open_keeps_nothing_but_its_use_and_a_cell_at_work_do(
    tmp_path: Path,
) -> None:
    pool = pluto(warm=3, most=3, more=f'idle_timeout = "{IDLE:g}s"')
    async with RunningGateway(tmp_path, pool) as gateway:
        await gateway.until_quiet(3)
        idle, used, worked = await asyncio.gather(
            _open_until_closed(gateway, "ping"), _use(gateway, 3 * IDLE), _work(gateway, 4 * IDLE)
        )
        assert idle < 3 * IDLE
        assert used == "open"
        assert worked >= 4 * IDLE


async def test_a_cell_that_fails_is_told_and_stops_nobody(tmp_path: Path) -> None:
    failing = notebook("a = 1", "b = missing_name + a", "c = a + 1")
    async with (
        image_with({"failing.jl": failing}) as image,
        RunningGateway(tmp_path, pluto(image=image, opens="failing.jl")) as gateway,
    ):
        (instance,) = await gateway.instances()
        assert instance["state"] == "warm"
        (failed,) = instance["cell_errors"]
        assert failed["notebook"] == "failing.jl"
        assert failed["cell"] == 2
        assert "missing_name" in failed["error"]
        listed = await _command(gateway, "ps")
        assert "failing.jl, cell 2: UndefVarError" in listed
        async with aiohttp.ClientSession() as http, http.get(gateway.admin + "/") as dashboard:
            assert "failing.jl, cell 2: UndefVarError" in await dashboard.text()


async def test_pluto_and_jupyter_stand_behind_one_door_and_one_budget(tmp_path: Path) -> None:
    both = pluto(more='title = "Sliders"') + '[[pools]]\nname = "lab"\nwarm = 1\nmax = 2\nsizing = "static"\n'
    async with RunningGateway(tmp_path, both, budget="1600MiB") as gateway, Visitor(gateway.base) as someone:
        async with someone.http.get(gateway.base) as landing:
            text = await landing.text()
        assert "Sliders" in text
        assert "Lab" in text
        told: dict[str, Any] = await gateway.admin_json("/api/instances")
        # 1 GiB and 512 MiB: there is no room for a third.
        assert told["charged"] == 1536 * 2**20
        assert await someone.click("pluto") == 200
        assert "/edit?id=" in someone.landed
        async with Visitor(gateway.base) as other:
            assert await other.click("lab") == 200
            assert other.landed.endswith("/tree")


async def _click(gateway: RunningGateway) -> str:
    async with Visitor(gateway.base) as someone:
        assert await someone.click() == 200
        return someone.landed


async def _open_until_closed(gateway: RunningGateway, message: str) -> float:
    """Return how many seconds a page stays connected that sends nothing but this message."""
    clock = asyncio.get_running_loop().time
    async with Visitor(gateway.base) as someone:
        await someone.click()
        async with opened(someone.http, someone.landed) as page:
            await page.load()
            began = clock()
            try:
                async with asyncio.timeout(60):
                    while True:
                        await page.reply(await page.send(message, {}))
                        await asyncio.sleep(0.3)
            except ConnectionError:
                return clock() - began


async def _work(gateway: RunningGateway, seconds: float) -> float:
    """Run a cell that takes so long, and leave its page; return how many seconds the session lives then."""
    clock = asyncio.get_running_loop().time
    async with Visitor(gateway.base) as someone:
        await someone.click()
        async with opened(someone.http, someone.landed) as page:
            state = await page.load()
            cell = state["cell_order"][1]
            code = f"scale = (sleep({seconds}); 5)"
            edit = {"op": "replace", "path": ["cell_inputs", cell, "code"], "value": code}
            await page.reply(await page.send("update_notebook", {"updates": [edit]}))
            await page.reply(await page.send("run_multiple_cells", {"cells": [cell]}))
        began = clock()
        async with asyncio.timeout(60):
            # It is no visitor's doing to ask for this.
            while (await someone.get("ping"))[0] == 200:  # noqa: ASYNC110 - it can only be asked
                await asyncio.sleep(0.3)
        return clock() - began


async def _use(gateway: RunningGateway, seconds: float) -> str:
    """Move a slider for so long; return whether the page is still open then."""
    async with Visitor(gateway.base) as someone:
        await someone.click()
        async with opened(someone.http, someone.landed) as page:
            await page.load()
            for step in range(int(seconds)):
                await page.move("n", step + 1)
                await asyncio.sleep(1)
        return "open"


async def _command(gateway: RunningGateway, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        COMMAND, *words, "--config", str(gateway.config), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return output.decode()
