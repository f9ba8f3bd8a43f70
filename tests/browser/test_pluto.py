"""Pluto's page in a frame on another site, where no cookie reaches it."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import async_playwright, expect

from bench.running import RunningGateway, free_port
from tests.browser.conftest import CHROMIUM, QUIET
from tests.support.pluto import IMAGE, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, FrameLocator, Page

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NO_FOREIGN_COOKIES = "--test-third-party-cookie-phaseout"

POOLS = f"""
[[pools]]
name = "pluto"
kind = "pluto"
image = "{IMAGE}"
notebook = "{NOTEBOOK}"
sizing = "static"
warm = 1
max = 1
hot = 1
"""

HOST = """<!doctype html><title>Somebody's own page</title><h1>A page elsewhere</h1>
<iframe width="900" height="600"></iframe>
<script type="module">
const gateway = "GATEWAY";
const answer = await fetch(`${gateway}/api/spawn`, { method: "POST" });
document.querySelector("iframe").src = gateway + (await answer.json()).entry;
</script>"""


@asynccontextmanager
async def another_site(port: int, gateway: str) -> AsyncIterator[str]:
    """A page that asks for a notebook and frames it; `localhost` and 127.0.0.1 are two sites to a browser."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=HOST.replace("GATEWAY", gateway), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://localhost:{port}"
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def elsewhere(tmp_path_factory: pytest.TempPathFactory, calm_network: None) -> AsyncIterator[str]:
    """The address of the other site; the gateway lets it frame notebooks."""
    del calm_network
    port = free_port()
    allowed = f'embed_origins = ["http://localhost:{port}"]'
    folder = tmp_path_factory.mktemp("pluto")
    async with (
        RunningGateway(folder, POOLS, gateway=allowed) as gateway,
        another_site(port, gateway.base) as site,
    ):
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def without_cookies() -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET, NO_FOREIGN_COOKIES]
        )
        context = await chromium.new_context(viewport={"width": 1000, "height": 800})
        context.set_default_timeout(30_000)
        yield context
        await context.close()
        await chromium.close()


async def framed(page: Page, elsewhere: str) -> FrameLocator:
    await page.goto(elsewhere)
    return page.frame_locator("iframe")


async def test_a_slider_moves_a_result_in_a_frame_on_another_site_without_cookies(
    without_cookies: BrowserContext, elsewhere: str
) -> None:
    page = await without_cookies.new_page()
    notebook = await framed(page, elsewhere)
    await expect(notebook.locator("body")).to_contain_text("The answer is 35")
    slider = notebook.locator("bond input[type=range]")
    await expect(slider).to_have_value("7")
    await slider.focus()
    # A page shows a slider a moment before it listens to it.
    for value in range(8, 20):
        await slider.press("ArrowRight")
        with suppress(AssertionError):
            await expect(notebook.locator("body")).to_contain_text(
                f"The answer is {5 * value}", timeout=2_000
            )
            break
    else:
        pytest.fail("the slider moves nothing")
    assert await without_cookies.cookies() == []
    inside = next(frame for frame in page.frames if "/user/" in frame.url)
    assert inside.url.startswith("http://127.0.0.1:")
    assert await inside.evaluate("document.cookie") == ""
