"""Notebooks for reading, each on a page elsewhere, and what is the same for every kind of them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.browser.frames import (
    embed,
    end_sessions,
    live,
    notebook_of,
    open_live,
    sessions_of,
    until_replaced,
)
from tests.browser.sliders import until_moved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, FrameLocator, Locator, Page

    from bench.running import RunningGateway
    from tests.browser.elsewhere import AnotherSite

POOL = 'mode = "view"\nsizing = "static"\nwarm = 1\nmax = 2\nhot = 1\n'
"""What pools of notebooks for reading have in common."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a reader's tests must know of a notebook."""

    pool: str
    slider: str
    """Its slider, as a selector."""
    sentence: str
    """How the sentence begins, or goes on, that tells where the slider is."""
    first: str
    """The whole sentence while the slider is at its first place."""
    outputs: str = "body"
    """Where the sentence stands, as a selector: code may hold the same words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A page elsewhere on which somebody reads a live notebook."""

    page: Page
    gateway: RunningGateway
    published: Published

    @property
    def around(self) -> FrameLocator:
        """The embed."""
        return embed(self.page)

    @property
    def notebook(self) -> FrameLocator:
        """The notebook in the embed."""
        return notebook_of(self.around)

    @property
    def result(self) -> Locator:
        """The sentence that tells where the slider is."""
        return self.notebook.locator(self.published.outputs).get_by_text(self.published.sentence).last

    @property
    def session(self) -> str:
        """The id of the session there is."""
        (session,) = sessions_of(self.page)
        return session

    async def move(self) -> None:
        """Move the slider away from its first place, until the sentence tells so."""
        await expect(self.result).to_have_text(self.published.first)
        await until_moved(self.notebook.locator(self.published.slider), self.result, self.published.first)

    async def untouched(self) -> None:
        """Wait until the notebook tells what its author has left."""
        await expect(self.result).to_have_text(self.published.first)


@asynccontextmanager
async def reading(
    readers: BrowserContext, gateway: RunningGateway, site: AnotherSite, published: Published
) -> AsyncIterator[Reading]:
    """Open the notebook on a page elsewhere; its session ends with the block."""
    await gateway.until_ready()
    page = await readers.new_page()
    address = f"{gateway.base}/embed/{published.pool}"
    await page.goto(site.shows(f'<iframe src="{address}" width="900" height="700"></iframe>'))
    try:
        await open_live(embed(page))
        yield Reading(page, gateway, published)
    finally:
        await end_sessions(page, gateway)
        await page.close()


async def an_end_is_told_in_place_and_another_opened_there(reader: Reading) -> None:
    """What every reader meets when their session has ended. Their slider is at its first place again."""
    await reader.move()
    before = reader.session
    await end_sessions(reader.page, reader.gateway)
    await expect(reader.around.locator("#state")).to_have_text("Ended")
    await expect(reader.around.get_by_role("heading", name="This notebook has ended.")).to_be_visible()
    await expect(reader.around.locator("#panel-text")).to_have_text("It was shut down.")
    await expect(reader.around.locator("#stage iframe")).to_have_count(0)
    await reader.gateway.until_ready()
    await reader.around.get_by_role("button", name="Open a new one").click()
    await live(reader.around)
    assert reader.session != before
    await reader.untouched()


async def a_restart_gives_another_session_with_the_slider_at_its_first_place(reader: Reading) -> None:
    """What every reader gets who restarts. They are not asked first: they have nothing to lose."""
    await reader.move()
    before = reader.session
    await reader.gateway.until_ready()
    await reader.around.get_by_role("button", name="Restart fresh").click()
    await until_replaced(reader.page, reader.gateway, before)
    await reader.untouched()
