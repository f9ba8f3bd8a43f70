"""A notebook's page for everybody: by keyboard, on a phone, without sight, without scripts, in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.contrast import contrasts, faint
from tests.browser.frames import SESSION, end_sessions, live, open_live
from tests.browser.traffic import Traffic

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ADDRESS = "/view/course"


async def test_all_of_it_works_by_keyboard(reader: Page) -> None:
    button = reader.get_by_role("button", name="Open Squares")
    while not await button.evaluate("element => element === document.activeElement"):
        await reader.keyboard.press("Tab")
    await reader.keyboard.press("Enter")
    await live(reader)
    await expect(reader.locator("#stage iframe")).to_be_focused()
    await reader.get_by_role("button", name="Hide bar").focus()
    await reader.keyboard.press("Enter")
    await expect(reader.locator("#bar")).to_be_hidden()
    show = reader.get_by_role("button", name="Show bar")
    await expect(show).to_be_focused()
    await reader.keyboard.press("Enter")
    await expect(reader.get_by_role("button", name="Hide bar")).to_be_focused()
    await reader.keyboard.press("Shift+Tab")
    await expect(reader.locator("#bar").get_by_role("link", name="Source")).to_be_focused()


async def test_a_phone_keeps_the_rest_of_the_bar_in_a_menu(reader: Page) -> None:
    await reader.set_viewport_size({"width": 390, "height": 780})
    await open_live(reader)
    more = reader.get_by_role("button", name="More")
    restart = reader.get_by_role("button", name="Restart fresh")
    await expect(restart).to_be_hidden()
    await more.focus()
    await reader.keyboard.press("Enter")
    await expect(more).to_have_attribute("aria-expanded", "true")
    await expect(restart).to_be_visible()
    await reader.keyboard.press("Escape")
    await expect(restart).to_be_hidden()
    await expect(more).to_be_focused()
    assert await reader.evaluate("document.documentElement.scrollWidth") <= 390


async def test_what_a_screen_reader_hears_follows_the_state(reader: Page) -> None:
    said = reader.get_by_role("status")
    await reader.evaluate("""() => {
      window.heard = [];
      const said = document.getElementById("said");
      new MutationObserver(() => window.heard.push(said.textContent)).observe(said, { childList: true });
    }""")
    await open_live(reader)
    await expect(said.first).to_have_text("Live")
    assert await reader.evaluate("heard") == ["Opening", "Connecting", "Live"]


async def test_without_scripts_the_button_leads_to_the_notebook(
    browser: Browser, squares: RunningGateway
) -> None:
    await squares.until_quiet(2)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(squares.base + ADDRESS)
    await expect(page.get_by_text("Link or embed this notebook")).to_be_visible()
    await expect(page.locator("#bar")).to_be_hidden()
    await page.get_by_role("button", name="Open Squares").click()
    await expect(page).to_have_url(SESSION)
    await end_sessions(page, squares)
    await context.close()


@pytest.mark.parametrize("path", [ADDRESS, "/embed/course"])
async def test_the_page_fits_a_phone_asks_nobody_else_and_complains_of_nothing(
    browser: Browser, squares: RunningGateway, path: str
) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 640})
    page = await context.new_page()
    traffic = Traffic(page)
    await page.goto(squares.base + path)
    await expect(page.locator("body.scripted")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await context.close()
    assert traffic.only(squares.base)
    assert traffic.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_of_page_bar_and_notice_stands_out_from_its_ground(
    browser: Browser, squares: RunningGateway, scheme: str
) -> None:
    await squares.until_quiet(2)
    context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = await context.new_page()
    await page.goto(squares.base + ADDRESS)
    measured = await contrasts(page, "body *")
    await open_live(page)
    measured += await contrasts(page, "#bar *")
    await end_sessions(page, squares)
    await expect(page.locator("#state")).to_have_text("Ended")
    measured += await contrasts(page, "#panel *")
    await context.close()
    assert len(measured) > 20
    assert faint(measured) == []
