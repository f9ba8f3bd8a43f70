"""A notebook that its reader gives back, and a page that is come back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.frames import assigned, live, open_live, sessions_of

if TYPE_CHECKING:
    from playwright.async_api import Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_end_asks_first_where_something_may_be_lost_and_gives_the_notebook_back_at_once(
    reader: Page, squares: RunningGateway
) -> None:
    await open_live(reader)
    (before,) = sessions_of(reader)
    await reader.get_by_role("button", name="End", exact=True).click()
    dialog = reader.get_by_role("dialog", name="End this notebook?")
    await dialog.get_by_role("button", name="Keep this one").click()
    assert sessions_of(reader) == {before}
    await reader.get_by_role("button", name="End", exact=True).click()
    await dialog.get_by_role("button", name="End it").click()
    await expect(reader.get_by_role("heading", name="You have ended it.")).to_be_visible()
    await expect(reader.get_by_role("button", name="Open a new one")).to_be_focused()
    await expect(reader.locator("#stage iframe")).to_have_count(0)
    assert await assigned(squares) == 0
    assert (await reader.request.get(f"{squares.base}/api/session/{before}")).status == 410
    await squares.until_ready()
    await reader.get_by_role("button", name="Open a new one").click()
    await live(reader)
    assert sessions_of(reader) != {before}


async def test_a_phone_has_end_in_its_menu(reader: Page) -> None:
    await reader.set_viewport_size({"width": 390, "height": 780})
    await open_live(reader)
    end = reader.get_by_role("button", name="End", exact=True)
    await expect(end).to_be_hidden()
    await reader.get_by_role("button", name="More").click()
    await end.click()
    await reader.get_by_role("button", name="End it").click()
    await expect(reader.get_by_role("heading", name="You have ended it.")).to_be_visible()


async def test_an_end_that_nobody_hears_is_told_as_that(reader: Page, squares: RunningGateway) -> None:
    await open_live(reader)
    (session,) = sessions_of(reader)
    await reader.route("**/api/session/*", lambda route: route.abort())
    await reader.get_by_role("button", name="End", exact=True).click()
    await reader.get_by_role("button", name="End it").click()
    await expect(reader.locator("#panel-text")).to_contain_text(
        "it closes by itself, after a while without use"
    )
    await reader.request.delete(f"{squares.base}/api/session/{session}")


async def test_a_page_that_is_come_back_to_is_live_again(reader: Page) -> None:
    await open_live(reader)
    before = sessions_of(reader)
    await reader.goto("about:blank")
    await reader.go_back()
    await live(reader)
    assert sessions_of(reader) == before


async def test_a_page_that_is_come_back_to_says_that_its_notebook_has_ended(
    reader: Page, squares: RunningGateway
) -> None:
    await open_live(reader)
    (before,) = sessions_of(reader)
    await reader.goto("about:blank")
    await reader.request.delete(f"{squares.base}/api/session/{before}")
    await reader.go_back()
    await expect(reader.get_by_role("heading", name="This notebook has ended.")).to_be_visible()
    await expect(reader.get_by_role("button", name="Open a new one")).to_be_visible()
