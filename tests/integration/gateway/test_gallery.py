"""The start page shows what notebooks of both kinds came to, before anybody opens one; looking takes none."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bench.running import RunningGateway
from tests.support.pluto import IMAGE, NOTEBOOK
from tests.support.reading_html import Found

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.docker

POOLS = f"""
[[pools]]
name = "welcome"
notebook = "welcome.ipynb"
sizing = "static"
warm = 1
max = 1

[[pools]]
name = "sliders"
kind = "pluto"
image = "{IMAGE}"
notebook = "{NOTEBOOK}"
sizing = "static"
warm = 1
max = 1
"""
PUBLIC = "https://notebooks.example.org"
CRAWLER = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}


async def test_executed_outputs_are_seen_before_anybody_opens_a_notebook_and_after_a_restart(
    tmp_path: Path,
) -> None:
    async with RunningGateway(tmp_path, POOLS, gateway=f'public_url = "{PUBLIC}"') as gateway:
        before = await _states(gateway)
        await _shows_both(gateway)
        for path in ("/robots.txt", "/sitemap.xml", "/view/welcome/picture", "/view/sliders/picture"):
            await _ask(gateway, path)
        assert await _states(gateway) == before
        await gateway.stop(signal.SIGKILL)
        await gateway.start()
        assert await _states(gateway) == before
        await _shows_both(gateway)


async def _shows_both(gateway: RunningGateway) -> None:
    page: Found | None = None

    async def rendered() -> bool:
        nonlocal page
        page = Found(await _ask(gateway, "/"))
        return "The answer is 35" in page.text and "15 primes below 50" in page.text

    # It is rendered beside what visitors wait for.
    await gateway.until(rendered, limit=10)
    assert page is not None
    for words in ("Welcome", "Jupyter notebook, Python", "Pluto notebook, Julia", "1 ready"):
        assert words in page.text
    assert all("disabled" in each for each in page.all("input") if each.get("type") == "range")
    assert any(each.get("type") == "range" for each in page.all("input"))
    # Each page of ours has one script at most, and this one none.
    assert page.all("script") == []


async def _states(gateway: RunningGateway) -> dict[str, str]:
    return {i["id"]: i["pool"] for i in await gateway.instances() if i["state"] in {"warm", "paused"}}


async def _ask(gateway: RunningGateway, path: str) -> str:
    async with aiohttp.ClientSession(headers=CRAWLER) as http, http.get(gateway.base + path) as answer:
        return await answer.text()
