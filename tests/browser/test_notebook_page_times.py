"""What a notebook's page makes of waiting, of idle time and of a gateway that is away."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.browser.traffic import Traffic
from tests.support.apps import app_pool

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SOON = 12
"""Seconds of idle time that a test waits for."""
NEAR_END = 40
"""Seconds that the page calls less than a minute, and long enough for a busy machine to do things in."""

UNASKED = 4_000
"""Milliseconds in which a page that has nothing to ask for asks for nothing."""


async def line_up(page: Page, gateway: RunningGateway, form: str = "view") -> None:
    await page.goto(f"{gateway.base}/{form}/app")
    await page.get_by_role("button", name=re.compile("Open.*Statistics")).first.click()
    await expect(page.locator("#state")).to_have_text("In line")


@pytest.mark.parametrize("form", ["view", "embed"])
async def test_a_place_in_line_is_shown_inside_of_the_page_and_becomes_the_notebook_by_itself(
    page: Page, full: tuple[RunningGateway, Visitor], form: str
) -> None:
    gateway, first = full
    await line_up(page, gateway, form)
    await expect(page.get_by_role("heading", name="You are in line")).to_be_visible()
    await expect(page.locator("#order")).to_have_text("You are next.")
    address = page.url
    await first.leave()
    await expect(page.locator("#state")).to_have_text("Live")
    await expect(page.locator("#panel")).to_be_hidden()
    assert page.url == address


async def test_who_leaves_the_line_gets_the_preview_back_and_makes_room_at_once(
    page: Page, browser: Browser, full: tuple[RunningGateway, Visitor]
) -> None:
    gateway, _ = full
    await line_up(page, gateway)
    context = await browser.new_context()
    second = await context.new_page()
    await line_up(second, gateway)
    await expect(second.locator("#order")).to_have_text("1 ahead of you")
    await page.get_by_role("button", name="Leave the line").click()
    await expect(second.locator("#order")).to_have_text("You are next.")
    await expect(page.get_by_role("button", name="Open Statistics")).to_be_focused()
    await context.close()


async def test_a_reload_keeps_the_place_in_line(page: Page, full: tuple[RunningGateway, Visitor]) -> None:
    gateway, first = full
    await line_up(page, gateway)
    await page.reload()
    await expect(page.locator("#order")).to_have_text("You are next.")
    await first.leave()
    await expect(page.locator("#state")).to_have_text("Live")


async def test_a_refusal_is_told_in_its_own_sentence_and_can_be_tried_again(
    page: Page, tmp_path: Path
) -> None:
    pool = app_pool(warm=1, most=1) + "[limits]\ntickets = 0\n"
    async with RunningGateway(tmp_path, pool, engine="process") as gateway, Visitor(gateway.base) as first:
        await first.spawn_patiently()
        await page.goto(gateway.base + "/view/app")
        await page.get_by_role("button", name="Open App").click()
        await expect(page.get_by_role("heading", name="Not opened")).to_be_visible()
        await expect(page.locator("#panel-text")).to_contain_text("Too many people are waiting")
        await expect(page.get_by_role("button", name="Try again")).to_be_focused()
        await first.leave()
        await gateway.until_ready()
        await page.get_by_role("button", name="Try again").click()
        await expect(page.locator("#state")).to_have_text("Live")


def lasting(tmp_path: Path, idle: int) -> RunningGateway:
    """Return a gateway that takes a notebook back after so many seconds without use."""
    pool = app_pool(warm=1, most=1, more=f'idle_timeout = "{idle}s"')
    return RunningGateway(tmp_path, pool, engine="process")


async def opened(page: Page, gateway: RunningGateway) -> None:
    await page.goto(gateway.base + "/view/app")
    await page.get_by_role("button", name="Open App").click()
    await expect(page.locator("#state")).to_have_text("Live")


async def test_stay_prolongs_what_is_left_and_says_so_only_near_the_end(page: Page, tmp_path: Path) -> None:
    async with lasting(tmp_path, NEAR_END) as brief:
        await opened(page, brief)
        await expect(page.locator("#minutes")).to_have_text("under a minute left")
        warning = re.compile("Closes in under a minute without use")
        await expect(page.locator("#said")).to_have_text(warning)
        session = await page.evaluate("history.state.session.url.split('/').at(-2)")
        where = f"{brief.base}/api/session/{session}"
        before = (await (await page.request.get(where)).json())["idle_left"]
        async with page.expect_response("**/stay") as answer:
            await page.get_by_role("button", name="Stay").click()
        after = (await (await answer.value).json())["idle_left"]
        assert after > before


async def test_after_idle_time_the_page_says_why_it_ended_and_asks_for_nothing_any_more(
    page: Page, tmp_path: Path
) -> None:
    async with lasting(tmp_path, SOON) as brief:
        await opened(page, brief)
        await expect(page.get_by_role("heading", name="This notebook has ended.")).to_be_visible(
            timeout=40_000
        )
        await expect(page.locator("#panel-text")).to_have_text(re.compile("not used for a while"))
        traffic = Traffic(page)
        await page.wait_for_timeout(UNASKED)
        assert traffic.asked == []


async def test_a_gateway_that_is_away_for_a_moment_costs_nothing(page: Page, tmp_path: Path) -> None:
    pool = app_pool(warm=1, most=1)
    async with RunningGateway(tmp_path, pool, engine="process", on_stop="keep_all") as gateway:
        await opened(page, gateway)
        await gateway.stop(signal.SIGKILL)
        await page.get_by_role("button", name="Stay").click()
        await expect(page.locator("#state")).to_have_text("Connection lost, trying again")
        gateway.wait_ready = False
        await gateway.start()
        await expect(page.locator("#state")).to_have_text("Live")
        session = await page.evaluate("history.state.session.url.split('/').at(-2)")
        await page.request.delete(f"{gateway.base}/api/session/{session}")
