"""Our own pages: readable on a phone, without scripts, without a request to anyone else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.traffic import Traffic

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = ["/", "/info", "/notebooks/welcome.ipynb", "/no/such/page", "/user/" + "a" * 26 + "/"]


async def visitors(gateway: RunningGateway) -> set[str]:
    """Return the ids of the instances that somebody has."""
    return {each["id"] for each in await gateway.instances() if each["state"] == "assigned"}


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_fits_a_phone_and_asks_nobody_else(
    browser: Browser, gateway: RunningGateway, path: str
) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=True)
    page = await context.new_page()
    traffic = Traffic(page)
    await page.goto(gateway.base + path)
    width = await page.evaluate("document.documentElement.scrollWidth")
    await context.close()
    assert width <= 360
    assert traffic.only(gateway.base)
    assert traffic.errors == []


async def test_the_start_page_takes_no_instance(page: Page, gateway: RunningGateway) -> None:
    await gateway.until_ready()
    before = await visitors(gateway)
    await page.goto(gateway.base)
    await expect(page.locator(".state", has_text="ready")).to_be_visible()
    assert await visitors(gateway) <= before


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_gallery_shows_executed_outputs_without_scripts(
    browser: Browser, gateway: RunningGateway, width: int
) -> None:
    await gateway.until_ready()
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=False, color_scheme="dark"
    )
    page = await context.new_page()
    traffic = Traffic(page)
    await page.goto(gateway.base)
    picture = page.locator(".picture")
    await expect(picture.get_by_text("15 primes below 50")).to_be_visible()
    # Clipped to its frame, and nothing in it is met by the keyboard.
    box = await picture.bounding_box()
    assert box is not None
    assert box["width"] <= width
    assert box["height"] < 400
    met = []
    for _ in range(2):
        await page.keyboard.press("Tab")
        met.append((await page.locator(":focus").inner_text()).split())
    await page.keyboard.press("Tab")
    left = await page.locator(":focus").count() == 0
    await context.close()
    assert met == [["Jupyter"], ["Open", "Jupyter"]]
    assert left
    assert traffic.complaints == []


async def test_opening_from_the_gallery_leads_to_the_notebook(
    browser: Browser, gateway: RunningGateway
) -> None:
    await gateway.until_ready()
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(gateway.base)
    await page.get_by_role("button", name="Open Jupyter").press("Enter")
    await page.wait_for_url("**/user/*/notebooks/welcome.ipynb")
    left = await page.request.post(page.url.partition("notebooks/")[0] + "api/shutdown")
    await context.close()
    assert left.ok
