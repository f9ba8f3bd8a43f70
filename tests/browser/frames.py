"""Live notebooks in a page's frames: opened, found, and given back."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, Frame, FrameLocator, Locator, Page

    from bench.running import RunningGateway

SESSION = re.compile(r"/user/([a-z2-7]{26})/")

LIVE_LIMIT = 60_000
"""Milliseconds until a notebook is live: an instance may have to start, and pages to load side by side."""


async def open_live(around: Page | Frame | FrameLocator) -> FrameLocator:
    """Press Open on a notebook's page or embed; return the notebook when it is live."""
    await around.get_by_role("button", name=re.compile("^Open")).last.click()
    return await live(around)


async def live(around: Page | Frame | FrameLocator) -> FrameLocator:
    """Wait until a notebook's page or embed is live; return the notebook."""
    await expect(around.locator("#state")).to_have_text("Live", timeout=LIVE_LIMIT)
    return notebook_of(around)


def notebook_of(around: Page | Frame | FrameLocator) -> FrameLocator:
    """Return the notebook in its page or embed, whether there is one now or not."""
    return around.frame_locator("#stage iframe")


def embed(page: Page, number: int = 0) -> FrameLocator:
    """Return an embed of a page elsewhere."""
    return page.frame_locator("iframe").nth(number)


def inside(page: Page) -> Frame:
    """Return the frame of the page's only session, for what none but a script can do."""
    (frame,) = [frame for frame in page.frames if SESSION.search(frame.url)]
    return frame


def sessions_of(page: Page) -> set[str]:
    """Return the ids of the sessions in a page and its frames."""
    return {match[1] for frame in page.frames if (match := SESSION.search(frame.url))}


@asynccontextmanager
async def giving_back(readers: BrowserContext, gateway: RunningGateway, *, warm: int) -> AsyncIterator[Page]:
    """Yield a page of somebody who comes when so many are warm, and gives back what they have opened."""
    await gateway.until_quiet(warm)
    page = await readers.new_page()
    yield page
    await end_sessions(page, gateway)
    await page.close()


async def end_sessions(page: Page, gateway: RunningGateway) -> None:
    """End what is open in a page, as somebody else would who knows its paths."""
    for session in sessions_of(page):
        await page.request.delete(f"{gateway.base}/api/session/{session}")


async def until_replaced(page: Page, gateway: RunningGateway, before: str) -> str:
    """Wait until another session is live where one was; return its id. The old one is over then."""
    around = page if page.url.startswith(gateway.base) else embed(page)
    # Until the old one has gone the page is as live as before.
    await expect(around.locator(f'#stage iframe[src*="{before}"]')).to_have_count(0)
    await live(around)
    (after,) = sessions_of(page)
    assert after != before
    assert (await page.request.get(f"{gateway.base}/api/session/{before}")).status == 410
    return after


async def bottom(of: Locator) -> float:
    """Return where something ends, in pixels below the top of the outermost page's view."""
    box = await of.bounding_box()
    assert box
    return box["y"] + box["height"]


async def assigned(gateway: RunningGateway) -> int:
    """Return how many instances are visitors'."""
    return [instance["state"] for instance in await gateway.instances()].count("assigned")
