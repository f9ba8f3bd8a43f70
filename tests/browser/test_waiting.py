"""The waiting page as a person sees it: a falling place that turns into the notebook by itself."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bench.visitor import Visitor
from tests.browser.traffic import Traffic

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NOTEBOOK = re.compile(r"/user/[a-z2-7]{26}/")
WAITING = re.compile(r"/wait/")


async def line_up(page: Page, gateway: RunningGateway) -> None:
    await page.goto(gateway.base)
    await page.get_by_role("button", name="Open").click()
    await expect(page).to_have_url(WAITING)


async def test_two_in_line_move_up_and_in_one_after_the_other(
    page: Page, browser: Browser, full: tuple[RunningGateway, Visitor]
) -> None:
    gateway, first = full
    await line_up(page, gateway)
    await expect(page.get_by_text("You are next.")).to_be_visible()
    context = await browser.new_context()
    second = await context.new_page()
    await line_up(second, gateway)
    await expect(second.get_by_text("1 ahead of you")).to_be_visible()
    await first.leave()
    await expect(page).to_have_url(NOTEBOOK)
    await expect(second.get_by_text("You are next.")).to_be_visible()
    theirs = NOTEBOOK.search(page.url)
    assert theirs is not None
    async with Visitor(gateway.base, url=gateway.base + theirs[0]) as leaving:
        await leaving.leave()
    await expect(second).to_have_url(NOTEBOOK)
    await context.close()


async def test_back_from_the_notebook_does_not_lead_to_a_used_ticket(
    page: Page, full: tuple[RunningGateway, Visitor]
) -> None:
    gateway, first = full
    await line_up(page, gateway)
    await first.leave()
    await expect(page).to_have_url(NOTEBOOK)
    await page.go_back()
    await expect(page).to_have_url(gateway.base + "/")


async def test_without_scripts_the_page_gets_there_by_reloading(
    browser: Browser, full: tuple[RunningGateway, Visitor]
) -> None:
    gateway, first = full
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await line_up(page, gateway)
    await expect(page.get_by_text("You are next.")).to_be_visible()
    await first.leave()
    await expect(page).to_have_url(NOTEBOOK)
    await context.close()


async def test_who_leaves_the_line_makes_room_at_once(
    page: Page, browser: Browser, full: tuple[RunningGateway, Visitor]
) -> None:
    gateway, _ = full
    await line_up(page, gateway)
    context = await browser.new_context()
    second = await context.new_page()
    await line_up(second, gateway)
    async with page.expect_request(lambda request: request.method == "DELETE"):
        await page.get_by_role("link", name="Leave the line").click()
    await expect(second.get_by_text("You are next.")).to_be_visible()
    await context.close()


async def test_a_restart_of_the_gateway_costs_the_place_but_not_the_notebook(
    page: Page, full: tuple[RunningGateway, Visitor]
) -> None:
    gateway, first = full
    await line_up(page, gateway)
    before = page.url
    await gateway.stop(signal.SIGKILL)
    await expect(page.get_by_text("The connection is interrupted")).to_be_visible()
    gateway.wait_ready = False
    await gateway.start()
    await page.wait_for_url(lambda url: url != before and "/wait/" in url)
    await first.leave()
    await expect(page).to_have_url(NOTEBOOK)


async def test_it_fits_a_phone_and_asks_nobody_else(
    browser: Browser, full: tuple[RunningGateway, Visitor]
) -> None:
    gateway, _ = full
    context = await browser.new_context(viewport={"width": 360, "height": 640})
    page = await context.new_page()
    traffic = Traffic(page)
    await line_up(page, gateway)
    await expect(page.get_by_role("heading", name="Statistics")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    assert traffic.only(gateway.base)
    assert traffic.complaints == []
    await context.close()
