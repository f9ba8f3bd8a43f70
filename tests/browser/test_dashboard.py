"""The operator's page as a person sees it: live, without scripts, on a phone, by keyboard, behind a token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import Error, expect

from gateway.logs import Line
from gateway.operating import shown
from pool.core.states import Reason, State
from pool.errors import EngineUnavailable
from tests.support.operated import TWO_POOLS, operated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Locator, Page

    from tests.support.operated import Operated

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"width": 360, "height": 740}


@pytest_asyncio.fixture(loop_scope="session")
async def operator(tmp_path: Path) -> AsyncIterator[Operated]:
    async with operated(tmp_path, pools=TWO_POOLS) as gateway:
        gateway.busy()
        yield gateway


@pytest_asyncio.fixture(loop_scope="session")
async def base(operator: Operated) -> AsyncIterator[str]:
    async with operator.open() as (address, _):
        yield address


async def opened(page: Page, base: str) -> None:
    await page.goto(base)
    await expect(page.locator("#live")).to_have_text("Live")


def panel(page: Page, pool: str) -> Locator:
    return page.locator(f'[data-pool="{pool}"]')


def number(page: Page, pool: str, name: str) -> Locator:
    return panel(page, pool).locator("dl > div", has=page.locator(f'dt:has-text("{name}")')).locator("dd")


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


AMOUNTS = [
    *(
        0,
        1,
        9.4,
        9.5,
        9.949,
        9.95,
        10,
        59.9,
        60,
        89.5,
        1023,
        1024,
        3599,
        3600,
        12_345,
        86_399,
        86_400,
        200_000,
    ),
    *(2**20 * 1.25, 2**29 + 2**28, 2**30 * 9.96, 2**40, 2**44),
]
SHARES = [0, 0.0001, 0.004, 0.005, 0.125, 0.5, 0.994, 0.996, 0.9999, 1]
VALUES: dict[str, list[Any]] = {
    "size": AMOUNTS,
    "span": AMOUNTS,
    "ago": AMOUNTS,
    "wait": [*SHARES, *AMOUNTS],
    "percent": SHARES,
    "count": [0, 999, 1000, 1_234_567],
    "times": [1, 2],
    "words": ["start_failed", "engine_lacks_a_thing"],
    "text": ["as it is"],
}


async def test_the_script_says_each_number_as_the_gateway_does(page: Page, base: str) -> None:
    await page.goto(base)
    load = "async (values) => { const { FORMS } = await import('./assets/dashboard_forms.js');"
    say = "Object.entries(values).map(([form, all]) => [form, all.map(FORMS[form])])"
    said = await page.evaluate(f"{load} return Object.fromEntries({say}); }}", VALUES)
    assert said == {form: [shown.FORMS[form](value) for value in values] for form, values in VALUES.items()}
    assert VALUES.keys() == shown.FORMS.keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits_a_phone_asks_nobody_else_and_breaks_no_rule_of_its_own(
    browser: Browser, base: str, scheme: str
) -> None:
    dark = scheme == "dark"
    context = await browser.new_context(viewport=PHONE, color_scheme="dark" if dark else "light")  # type: ignore[arg-type] # two plain numbers
    page = await context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await opened(page, base)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert all(url.startswith(base) for url in asked)
    assert not complaints
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


CONTRAST = """() => {
  const channel = (value) => (value /= 255) <= .03928 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(Number);
    return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
  };
  const texts = [...document.querySelectorAll("main *")].filter((element) =>
    element.checkVisibility() && !element.closest("svg, .hidden") &&
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return texts.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
    return [element.textContent.trim().slice(0, 40), (a + .05) / (b + .05)];
  });
}"""
"""Contrast of every visible text with what is behind it (WCAG 2.2, 1.4.3)."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_stands_out_from_its_ground(browser: Browser, base: str, scheme: str) -> None:
    dark = scheme == "dark"
    context = await browser.new_context(color_scheme="dark" if dark else "light")
    page = await context.new_page()
    await opened(page, base)
    measured: list[tuple[str, float]] = await page.evaluate(CONTRAST)
    await context.close()
    assert len(measured) > 50
    assert [text for text, contrast in measured if contrast < 4.5] == []


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
