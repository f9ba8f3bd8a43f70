"""Pluto's notebooks in frames on another site: as high as their content, and single outputs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway, free_port
from tests.browser.elsewhere import AnotherSite, reader_without_foreign_cookies
from tests.browser.test_pluto import POOLS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import FrameLocator, Page

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SENTENCE = "44444444-4444-4444-4444-444444444444"
"""The cell that tells the product of the slider and the scale."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, calm_network: None
) -> AsyncIterator[tuple[RunningGateway, AnotherSite]]:
    del calm_network
    site = AnotherSite(free_port())
    allowed = f'embed_origins = ["{site.origin}"]'
    async with (
        site.open(),
        RunningGateway(tmp_path_factory.mktemp("pluto"), POOLS, gateway=allowed) as running,
    ):
        yield running, site


@pytest_asyncio.fixture(loop_scope="session")
async def page(gateway: tuple[RunningGateway, AnotherSite]) -> AsyncIterator[Page]:
    await gateway[0].until_quiet(1)
    async with reader_without_foreign_cookies() as context:
        page = await context.new_page()
        yield page
        for frame in page.frames:
            if "/user/" in frame.url:
                session = frame.url.split("/user/")[1].split("/")[0]
                await page.request.delete(f"{gateway[0].base}/api/session/{session}")


def html(gateway: RunningGateway, more: str = "") -> str:
    """Return what an author writes into their page."""
    element = f'<div data-warmgate="pluto" {more}></div>'
    return f'<script src="{gateway.base}/embed.js" async></script>{element}'


async def opened(page: Page) -> FrameLocator:
    frame = page.frame_locator("iframe")
    await frame.get_by_role("button", name="Open live").last.click()
    await expect(frame.locator("#state")).to_have_text("Live", timeout=30_000)
    notebook = frame.frame_locator("#stage iframe")
    await expect(notebook.locator("body")).to_contain_text("The answer is 35", timeout=30_000)
    return notebook


async def test_the_frame_is_as_high_as_the_notebook(
    page: Page, gateway: tuple[RunningGateway, AnotherSite]
) -> None:
    running, site = gateway
    await page.goto(site.shows(html(running)))
    notebook = await opened(page)
    await expect(notebook.locator("pluto-cell").last).to_be_visible()
    inner = page.frame_locator("iframe").locator("#stage iframe")
    await expect(inner).not_to_have_css("height", "600px")
    frame, last = await inner.bounding_box(), await notebook.locator("pluto-cell").last.bounding_box()
    assert frame
    assert last
    assert 0 <= frame["y"] + frame["height"] - last["y"] - last["height"] < 100


async def test_a_single_output_stands_alone_before_and_after_opening(
    page: Page, gateway: tuple[RunningGateway, AnotherSite]
) -> None:
    running, site = gateway
    await page.goto(site.shows(html(running, f'data-cells="{SENTENCE}"')))
    preview = page.frame_locator("iframe").locator(".preview")
    await expect(preview.locator(".cell")).to_have_count(1)
    await expect(preview).to_contain_text("The answer is 35")
    notebook = await opened(page)
    visible = notebook.locator("pluto-cell:visible")
    await expect(visible).to_have_count(1)
    await expect(visible.locator("pluto-input")).to_be_hidden()
