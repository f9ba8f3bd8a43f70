"""Our own pages: readable on a phone, without scripts, without a request to anyone else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Request

    from bench.running import RunningGateway

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGES = ["/", "/info", "/notebooks/welcome.ipynb", "/no/such/page", "/user/" + "a" * 26 + "/"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_fits_a_phone_and_asks_nobody_else(
    browser: Browser, gateway: RunningGateway, path: str
) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=True)
    page = await context.new_page()
    asked: list[str] = []
    errors: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    await page.goto(gateway.base + path)
    width = await page.evaluate("document.documentElement.scrollWidth")
    await context.close()
    assert width <= 360
    assert all(url.startswith(gateway.base) for url in asked)
    assert not errors


async def test_the_start_page_takes_no_instance(page: Page, gateway: RunningGateway) -> None:
    await gateway.until_ready()
    before = {i["id"]: i["state"] for i in await gateway.instances()}
    await page.goto(gateway.base)
    await expect(page.get_by_text("ready")).to_be_visible()
    after = {i["id"]: i["state"] for i in await gateway.instances()}
    assert {k: v for k, v in after.items() if v == "assigned"} == {
        k: v for k, v in before.items() if v == "assigned"
    }
