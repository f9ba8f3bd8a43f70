"""The operator's page for everybody: without scripts, on a phone, by keyboard, in the dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.contrast import contrasts, faint
from tests.browser.dashboard import opened, panel
from tests.browser.traffic import Traffic

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"width": 360, "height": 740}


async def test_without_scripts_the_same_numbers_are_there(browser: Browser, page: Page, base: str) -> None:
    context = await browser.new_context(java_script_enabled=False)
    plain = await context.new_page()
    await plain.goto(base)
    await opened(page, base)
    fields = "[data-at]:not([data-form=ago]):not([data-at=uptime]):not([data-at='memory.available'])"
    without = await plain.locator(fields).all_text_contents()
    assert without == await page.locator(fields).all_text_contents()
    assert len(without) > 50
    await expect(plain.locator("#budget")).to_be_hidden()
    assert await plain.locator('meta[http-equiv="refresh"]').count() == 1
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone_asks_nobody_else_and_breaks_no_rule_of_its_own(
    browser: Browser, base: str, scheme: str
) -> None:
    dark = scheme == "dark"
    context = await browser.new_context(viewport=PHONE, color_scheme="dark" if dark else "light")  # type: ignore[arg-type] # two plain numbers
    page = await context.new_page()
    traffic = Traffic(page)
    await opened(page, base)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert traffic.only(base)
    assert traffic.complaints == []
    await context.close()


async def test_the_minutes_can_be_read_by_keyboard(page: Page, base: str) -> None:
    await opened(page, base)
    summary = panel(page, "jupyter").locator("summary")
    await page.keyboard.press("Tab")
    await expect(summary).to_be_focused()
    await page.keyboard.press("Enter")
    rows = panel(page, "jupyter").locator("tbody tr")
    await expect(rows).to_have_count(60)
    await expect(rows.last.get_by_role("cell")).to_have_count(5)
    await page.keyboard.press("Tab")
    await expect(panel(page, "jupyter").get_by_role("region")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_from_its_ground(browser: Browser, base: str, scheme: str) -> None:
    dark = scheme == "dark"
    context = await browser.new_context(color_scheme="dark" if dark else "light")
    page = await context.new_page()
    await opened(page, base)
    measured = await contrasts(page, "main *")
    await context.close()
    assert len(measured) > 50
    assert faint(measured) == []
