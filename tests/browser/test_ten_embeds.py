"""Ten embeds on one page elsewhere: they take what was opened, and keep still when that has ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway
from tests.browser.elsewhere import tag
from tests.browser.frames import assigned, embed, open_live, sessions_of
from tests.browser.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import BrowserContext, Page

    from tests.browser.elsewhere import AnotherSite

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TEN = 10
OPENED = (0, 1)
CALM_WINDOW = 8_000
"""Milliseconds in which requests are counted."""

USED_EVERY = 0.5
"""Seconds between two signs that somebody is there."""

BRIEF = """
[[pools]]
name = "course"
idle_timeout = "6s"
sizing = "static"
warm = 2
max = 3
hot = 2
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""


@pytest_asyncio.fixture(loop_scope="session")
async def brief(tmp_path: Path, site: AnotherSite) -> AsyncIterator[RunningGateway]:
    """A gateway that takes an unused notebook back sooner than a page may take to load."""
    async with RunningGateway(tmp_path, BRIEF, engine="process", gateway=site.allowed) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(readers: BrowserContext) -> AsyncIterator[Page]:
    page = await readers.new_page()
    yield page
    await page.close()


async def open_two_of_ten(page: Page, gateway: RunningGateway, site: AnotherSite) -> Traffic:
    """Open the first two; return what the page has asked for since it came."""
    await gateway.until_quiet(2)
    traffic = Traffic(page)
    element = '<div data-warmgate="course" data-height="200"></div>'
    await page.goto(site.shows(tag(gateway) + element * TEN))
    await expect(page.locator("iframe")).to_have_count(TEN)
    for number in OPENED:
        await page.locator("iframe").nth(number).scroll_into_view_if_needed()
        notebook = await open_live(embed(page, number))
        # Drawn by the kernel's word only, so its websocket is there.
        await expect(notebook.get_by_role("slider")).to_be_visible()
    assert any(address.startswith("ws:") for address in traffic.asked)
    return traffic


async def in_use(page: Page, gateway: RunningGateway, opened: asyncio.Event) -> None:
    """Keep what is in the page, as its Stay does, until all is opened."""
    while not opened.is_set():
        for session in sessions_of(page):
            await page.request.post(f"{gateway.base}/api/session/{session}/stay")
        await asyncio.sleep(USED_EVERY)


async def told(page: Page, why: str) -> None:
    """Look at each of the two, which says why it has ended."""
    for number in OPENED:
        await page.locator("iframe").nth(number).scroll_into_view_if_needed()
        await expect(embed(page, number).locator("#state")).to_have_text("Ended")
        heading = embed(page, number).get_by_role("heading", name="This notebook has ended.")
        await expect(heading).to_be_visible()
        await expect(embed(page, number).locator("#panel-text")).to_have_text(why)


async def nothing_is_asked_any_more(page: Page, traffic: Traffic) -> None:
    traffic.asked.clear()
    await page.wait_for_timeout(CALM_WINDOW)
    assert traffic.asked == []


def spawns(traffic: Traffic) -> int:
    return sum("/api/spawn" in address for address in traffic.asked)


async def test_only_the_opened_take_instances_and_none_asks_on_after_the_end(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    traffic = await open_two_of_ten(page, squares, site)
    assert await assigned(squares) == spawns(traffic) == len(OPENED)
    traffic.asked.clear()
    await page.wait_for_timeout(CALM_WINDOW)
    assert len(traffic.asked) <= 2 * TEN
    for session in sessions_of(page):
        await page.request.post(f"{squares.base}/user/{session}/api/shutdown")
    await told(page, "It was shut down.")
    await nothing_is_asked_any_more(page, traffic)
    assert await assigned(squares) == 0


async def test_those_recycled_for_idleness_say_so_take_no_other_and_ask_for_nothing_any_more(
    page: Page, brief: RunningGateway, site: AnotherSite
) -> None:
    opened = asyncio.Event()
    async with asyncio.TaskGroup() as keeping:
        keeping.create_task(in_use(page, brief, opened))
        traffic = await open_two_of_ten(page, brief, site)
        opened.set()

    async def recycled() -> bool:
        return await assigned(brief) == 0

    await brief.until(recycled)
    await told(page, "It was not used for a while, so its place was given to someone else.")
    assert spawns(traffic) == len(OPENED)
    await nothing_is_asked_any_more(page, traffic)
    await brief.until_quiet(2)
