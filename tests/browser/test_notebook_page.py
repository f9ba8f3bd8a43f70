"""A notebook's own page: a preview that becomes live where it stands, and says so when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.frames import assigned, live, notebook_of, open_live, sessions_of, until_replaced

if TYPE_CHECKING:
    from playwright.async_api import Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ADDRESS = "/view/course"


async def test_looking_takes_no_instance_and_open_takes_one_and_stays_on_the_page(
    reader: Page, squares: RunningGateway
) -> None:
    await expect(reader.get_by_role("heading", name="Squares", exact=True)).to_be_visible()
    assert await assigned(squares) == 0
    await open_live(reader)
    await expect(notebook_of(reader).get_by_text("15 primes below 50").last).to_be_visible()
    assert reader.url == squares.base + ADDRESS
    assert await assigned(squares) == 1


async def test_the_bar_says_whose_it_is_how_long_it_lasts_and_where_it_comes_from(reader: Page) -> None:
    await open_live(reader)
    await expect(reader.get_by_text("Yours alone to edit. Gone after use.")).to_be_visible()
    await expect(reader.locator("#minutes")).to_have_text("10 min left")
    source = reader.locator("#bar").get_by_role("link", name="Source")
    await expect(source).to_have_attribute("href", "https://example.org/squares.ipynb")


async def test_a_reload_finds_the_same_notebook_though_no_cookie_and_no_address_tells_it(
    reader: Page,
) -> None:
    await open_live(reader)
    (before,) = sessions_of(reader)
    await reader.reload()
    await live(reader)
    assert sessions_of(reader) == {before}
    assert await reader.context.cookies() == []


async def test_restart_fresh_ends_the_session_and_opens_another_in_place(
    reader: Page, squares: RunningGateway
) -> None:
    await open_live(reader)
    (before,) = sessions_of(reader)
    await reader.get_by_role("button", name="Restart fresh").click()
    dialog = reader.get_by_role("dialog", name="Restart fresh?")
    await dialog.get_by_role("button", name="Keep this one").click()
    assert sessions_of(reader) == {before}
    await reader.get_by_role("button", name="Restart fresh").click()
    await dialog.get_by_role("button", name="Restart", exact=True).click()
    await until_replaced(reader, squares, before)
    assert reader.url == squares.base + ADDRESS
    assert before not in squares.log


async def test_an_end_is_told_in_place_over_the_preview_and_another_is_offered(
    reader: Page, squares: RunningGateway
) -> None:
    await open_live(reader)
    (before,) = sessions_of(reader)
    await reader.request.post(f"{squares.base}/user/{before}/api/shutdown")
    await expect(reader.get_by_role("heading", name="This notebook has ended.")).to_be_visible()
    await expect(reader.get_by_text("It was shut down.").last).to_be_visible()
    await expect(reader.locator("#stage iframe")).to_have_count(0)
    await expect(reader.get_by_role("heading", name="Squares", exact=True)).to_be_visible()
    await squares.until_ready()
    await reader.get_by_role("button", name="Open a new one").click()
    await live(reader)
    assert sessions_of(reader) != {before}
