"""Sessions on hosts of their own in frames: of our pages, of listed sites, and of nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.elsewhere import AnotherSite
from tests.browser.frames import open_live
from tests.browser.host_mode.opening import CELL, frame_in, main_site, open_notebook, session_in, shown
from tests.browser.traffic import Traffic

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

    from bench.running import RunningGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_our_own_pages_and_listed_sites_may_frame_a_session_and_a_stranger_may_not(
    context: BrowserContext, hosts: RunningGateway, blog: AnotherSite
) -> None:
    _, address = await open_notebook(context, hosts)
    entry = address + "notebooks/welcome.ipynb"
    page = await context.new_page()
    # An answer of ours that, being no page, says nothing of what it may frame.
    for around in (f"{main_site(hosts)}/api/stats", blog.origin):
        await page.goto(around)
        frame = await frame_in(page, entry)
        await shown(frame.locator(CELL).first)
    stranger = AnotherSite("stranger.localhost")
    async with stranger.open():
        traffic = Traffic(page)
        await page.goto(stranger.origin)
        frame = await frame_in(page, entry)

        async def refused() -> bool:
            return any("frame-ancestors" in said for said in traffic.console)

        await hosts.until(refused)
        assert await frame.locator(CELL).count() == 0


@pytest.mark.parametrize("around", ["a page of ours", "a listed site"])
async def test_a_notebooks_page_shows_it_in_a_frame_from_a_host_of_its_own(
    context: BrowserContext, hosts: RunningGateway, blog: AnotherSite, around: str
) -> None:
    page = await context.new_page()
    if around == "a page of ours":
        await page.goto(f"{main_site(hosts)}/view/jupyter")
        shell = page.main_frame
    else:
        await page.goto(blog.origin)
        shell = await frame_in(page, f"{main_site(hosts)}/embed/jupyter")
    notebook = await open_live(shell)
    await shown(notebook.locator(CELL).first)
    (inner,) = [frame for frame in page.frames if session_in(frame.url)]
    assert await inner.evaluate("origin") != await shell.evaluate("origin")
