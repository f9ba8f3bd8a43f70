"""The operator's page as a person sees it: live, and behind a token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Error, expect

from gateway.logs import Line
from pool.core.states import Reason, State
from pool.errors import EngineUnavailable
from tests.browser.dashboard import number, opened, panel
from tests.support.operated import TWO_POOLS, operated

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.support.operated import Operated

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_one_look_tells_that_all_is_well_and_what_there_is(page: Page, base: str) -> None:
    await opened(page, base)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("All is well")
    await expect(page).to_have_title("All is well · warmgate")
    await expect(number(page, "jupyter", "Ready")).to_have_text("4 of 4 wanted")
    await expect(number(page, "jupyter", "In use")).to_have_text("4 of 20 at most")
    await expect(number(page, "course", "Ending")).to_have_text("1")
    await expect(panel(page, "jupyter").locator('[data-chart="arrivals"]')).to_contain_text(
        "at most 9 a minute"
    )
    await expect(panel(page, "jupyter").locator('[data-chart="hits"]')).to_contain_text("94 %")


async def test_the_budget_is_drawn_by_pool_and_state_and_told_in_words(page: Page, base: str) -> None:
    await opened(page, base)
    bar = page.get_by_role("img", name="Memory budget.")
    label = await bar.get_attribute("aria-label")
    assert label is not None
    assert "Jupyter: 4 in use, 2 GiB; Jupyter: 2 warm, 1 GiB" in label
    assert label.endswith("512 MiB free of 6 GiB.")
    shares = await bar.locator("rect").evaluate_all(
        "all => all.map(rect => rect.getBoundingClientRect().width)"
    )
    whole = (await bar.bounding_box() or {"width": 0.0})["width"]
    assert sum(shares) / whole == pytest.approx(5.5 / 6, abs=0.01)
    await expect(page.locator(".spans span")).to_have_text(["Jupyter", "Statistics course"])


async def test_a_change_shows_without_loading_anew(page: Page, base: str, operator: Operated) -> None:
    await opened(page, base)
    await page.evaluate("document.body.dataset.same = 'page'")
    (instance,) = operator.put(State.WARM, pool="course")
    await expect(number(page, "course", "Ready")).to_have_text("3 of 2 wanted")
    operator.site.pools.roster.end(instance.id, Reason.SURPLUS, 0.0)
    operator.site.recent.arrived("course")
    await expect(number(page, "course", "Ready")).to_have_text("2 of 2 wanted")
    await expect(panel(page, "course").locator('[data-chart="arrivals"]')).to_contain_text("26 in all")
    operator.site.observer.error = EngineUnavailable("nothing listens at the socket")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Not every visitor can be served")
    await expect(page.locator("#reasons li")).to_have_text(["engine: nothing listens at the socket"])
    await expect(page.locator(".health")).to_contain_text("W201 Start the engine")
    await expect(page).to_have_title(re.compile(r"^\(!\) "))
    assert await page.evaluate("document.body.dataset.same") == "page"


async def test_errors_come_newest_first_with_code_and_remedy_and_as_text_only(
    page: Page, base: str, operator: Operated
) -> None:
    await opened(page, base)
    complaints = page.locator("#complaints > li")
    await expect(complaints.nth(0)).to_contain_text("relay failed")
    await expect(complaints.nth(1)).to_contain_text("start failed")
    await expect(complaints.nth(1)).to_contain_text("W301")
    await expect(complaints.nth(1)).to_contain_text("3 times")
    await expect(complaints.nth(1)).to_contain_text("16 min ago")
    await expect(complaints.nth(1)).to_contain_text("Run the image by hand")
    operator.site.errors.note(Line("error", "start_failed", "W302", "<img src=x onerror=alert(1)>", "course"))
    await expect(complaints).to_have_count(3)
    await expect(complaints.nth(0)).to_contain_text("<img src=x onerror=alert(1)>")
    assert await page.locator("#complaints img").count() == 0


async def test_the_page_says_when_the_connection_is_lost_and_finds_it_again(
    page: Page, operator: Operated
) -> None:
    async with operator.open() as (base, _):
        await opened(page, base)
        port = int(base.rpartition(":")[2])
    await expect(page.locator("#live")).to_contain_text(
        "Connection lost, trying again. These numbers are from"
    )
    operator.put(State.WARM, pool="course")
    async with operator.open(port):
        await expect(page.locator("#live")).to_have_text("Live")
        await expect(number(page, "course", "Ready")).to_have_text("3 of 2 wanted")


async def test_another_configuration_loads_the_page_anew(
    page: Page, operator: Operated, tmp_path: Path
) -> None:
    async with operator.open() as (base, _):
        await opened(page, base)
        port = int(base.rpartition(":")[2])
    async with operated(tmp_path / "next", pools=TWO_POOLS[:1]) as another, another.open(port):
        await expect(panel(page, "course")).to_have_count(0)
        await expect(panel(page, "jupyter")).to_be_visible()
        await expect(page.locator("#live")).to_have_text("Live")


async def test_behind_a_token_a_browser_asks_for_it_once(browser: Browser, tmp_path: Path) -> None:
    async with operated(tmp_path, pools=TWO_POOLS, gateway={"admin_token": "right"}) as gateway:
        gateway.busy()
        async with gateway.open() as (base, _):
            stranger = await browser.new_context()
            page = await stranger.new_page()
            with pytest.raises(Error, match="AUTH_CREDENTIALS"):
                await page.goto(base)
            await stranger.close()
            known = await browser.new_context(http_credentials={"username": "me", "password": "right"})
            page = await known.new_page()
            await opened(page, base)
            await expect(number(page, "jupyter", "Ready")).to_have_text("4 of 4 wanted")
            assert "right" not in page.url
            await known.close()
