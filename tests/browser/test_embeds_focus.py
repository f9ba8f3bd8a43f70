"""Where the keyboard writes while a notebook in a page elsewhere comes up: where its reader has put it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.elsewhere import tag
from tests.browser.frames import embed, giving_back, live, notebook_of
from tests.browser.sliders import drag_to_the_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, FrameLocator, Page

    from bench.running import RunningGateway
    from tests.browser.elsewhere import AnotherSite

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WRITING = 200
"""Milliseconds between letters."""
LETTERS_AFTER = 20
"""Letters that are written once the notebook is there, while its page still settles."""
MOST_LETTERS = 400
MOST_TABS = 20


@pytest_asyncio.fixture(loop_scope="session")
async def page(readers: BrowserContext, squares: RunningGateway, site: AnotherSite) -> AsyncIterator[Page]:
    """A page elsewhere with a field to write in, above a notebook that becomes live by itself."""
    single = 'data-live="visible" data-cells="slider" data-bar="0"'
    element = f'<input id="comment"><div data-warmgate="course" {single}></div>'
    async with giving_back(readers, squares, warm=2) as page:
        await page.goto(site.shows(tag(squares) + element))
        yield page


async def write_until_live(page: Page) -> str:
    """Write letter by letter until the notebook is live and has settled; return what was written."""
    await page.locator("#comment").click()
    frame, written, after = embed(page), 0, 0
    while after < LETTERS_AFTER and written < MOST_LETTERS:
        await page.keyboard.type("x")
        written += 1
        await page.wait_for_timeout(WRITING)
        if after or await frame.locator("body[data-state=live]").count():
            after += 1
    return "x" * written


async def focused_inside(notebook: FrameLocator) -> str:
    """Return the name of the element that has the focus, as the notebook's page sees it."""
    name: str = await notebook.locator("body").evaluate("() => document.activeElement.localName")
    return name


async def test_what_somebody_writes_elsewhere_stays_there_while_a_notebook_becomes_live(page: Page) -> None:
    written = await write_until_live(page)
    await expect(page.locator("#comment")).to_have_value(written)
    await expect(page.locator("#comment")).to_be_focused()
    await live(embed(page))
    notebook = notebook_of(embed(page))
    assert await focused_inside(notebook) == "body"


async def test_a_click_into_the_notebook_gives_it_the_keyboard_and_one_outside_takes_it_back(
    page: Page,
) -> None:
    await live(embed(page))
    notebook = notebook_of(embed(page))
    await drag_to_the_end(page, notebook, notebook.get_by_text("20 squared is 400").last)
    await expect(page.locator("iframe")).to_be_focused()
    await page.locator("#comment").click()
    await notebook.get_by_role("slider").evaluate("element => element.focus()")
    await page.keyboard.type("mine")
    await expect(page.locator("#comment")).to_have_value("mine")


async def test_the_keyboard_alone_leads_into_the_notebook(page: Page) -> None:
    await live(embed(page))
    await page.locator("#comment").focus()
    handle = notebook_of(embed(page)).get_by_role("slider")
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await handle.evaluate("element => element === document.activeElement"):
            break
    await expect(handle).to_be_focused()


async def test_a_cell_that_was_clicked_into_is_edited_and_run_by_keyboard(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(tag(squares) + '<div data-warmgate="course" data-live="visible"></div>'))
    notebook = await live(embed(page))
    await notebook.locator(".jp-CodeCell .cm-content").first.click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("\nprint(6 * 7 * 1000)")
    await page.keyboard.press("Shift+Enter")
    await expect(notebook.get_by_text("42000")).to_be_visible()
