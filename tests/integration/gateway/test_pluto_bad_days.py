"""Notebooks that cannot be made ready: each a clear error with a code, and the pool beside it serves on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor
from pool.errors import StartFailed
from tests.support.pluto import IMAGE, NOTEBOOK, image_with, notebook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module")]

HUNGRY = "eaten = [fill(UInt8(i % 255), 50_000_000) for i in 1:100]"
"""Five gigabytes."""

BAD = {
    "broken.jl": "this is no notebook\n",
    "endless.jl": notebook("a = 1", "while true; sleep(1); end"),
    "hungry.jl": notebook(HUNGRY),
    "leaving.jl": notebook("ccall(:exit, Cvoid, (Cint,), 3)"),
}

CODES = {
    "absent.jl": ("W309", "absent.jl"),
    "broken.jl": ("W310", "broken.jl"),
    "endless.jl": ("W311", "what was waited for last: cell 2 of endless.jl"),
    "hungry.jl": ("W312", "hungry.jl"),
    "leaving.jl": ("W312", "leaving.jl"),
}


def pool(name: str, image: str, opens: str, more: str) -> str:
    return f"""
[[pools]]
name = "{name}"
kind = "pluto"
image = "{image}"
notebook = "{opens}"
sizing = "static"
warm = 1
max = 1
{more}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A pool for each bad notebook, beside one that is well."""
    async with image_with(BAD) as image:
        pools = [pool("well", IMAGE, NOTEBOOK, "")]
        for opens in CODES:
            # Long enough for what is to fail otherwise, on a busy machine as well.
            limit = 'warm_timeout = "15s"' if opens == "endless.jl" else ""
            pools.append(pool(opens.removesuffix(".jl"), image, opens, f'memory = "700MiB"\n{limit}'))
        running = RunningGateway(tmp_path_factory.mktemp("bad"), "".join(pools), wait_ready=False)
        async with running as gateway:
            yield gateway


async def error_of(gateway: RunningGateway, name: str) -> str:
    """Return what the operator's page says of a pool, once it complains."""
    async with asyncio.timeout(240), aiohttp.ClientSession() as http:
        while True:
            async with http.get(gateway.admin + "/api/overview") as answer:
                told = await answer.json()
            (found,) = [pool for pool in told["pools"] if pool["name"] == name]
            if found["error"]:
                return str(found["error"])
            await asyncio.sleep(0.5)


@pytest.mark.parametrize("opens", CODES)
async def test_what_is_wrong_with_a_notebook_is_told_with_a_code(gateway: RunningGateway, opens: str) -> None:
    code, detail = CODES[opens]
    error = await error_of(gateway, opens.removesuffix(".jl"))
    assert detail in error
    assert f'"code":"{code}"' in gateway.log


async def test_the_pool_beside_them_serves_on(gateway: RunningGateway) -> None:
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently("well", limit=240)
        assert (await someone.get(""))[0] == 200
        await someone.leave()


async def test_a_visitor_of_such_a_pool_is_told_in_plain_words(gateway: RunningGateway) -> None:
    await error_of(gateway, "broken")
    async with (
        Visitor(gateway.base) as someone,
        someone.http.get(gateway.base + "/spawn?pool=broken", headers={"Accept": "text/html"}) as page,
    ):
        assert StartFailed.visitor in await page.text()
