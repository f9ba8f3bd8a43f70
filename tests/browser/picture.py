"""Takes the README's picture of the operator's page: `.venv/bin/python -m tests.browser.picture`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import async_playwright, expect

from pool.engines.engine import Facts
from tests.browser.conftest import CHROMIUM, QUIET
from tests.support.operated import TWO_POOLS, operated

PICTURE = Path(__file__).parent / "screenshots" / "dashboard.png"
WIDTH, MARGIN = 1120, 20
UPTIME = 3 * 86400 + 5 * 3600


async def main() -> None:
    """Show a busy day."""
    with TemporaryDirectory() as folder:
        async with operated(Path(folder), pools=TWO_POOLS) as gateway:
            gateway.clock.offset = -UPTIME
            async with gateway.open() as (base, _):
                gateway.busy()
                gateway.site.observer.facts = Facts("docker", "20.10.24", "each instance by its own address")
                await shoot(base)


async def shoot(base: str) -> None:
    """Photograph what is served there."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await browser.new_page(viewport={"width": WIDTH, "height": 800})
        await page.goto(base)
        await expect(page.locator("#live")).to_have_text("Live")
        last = await page.locator(".panel").last.bounding_box()
        assert last is not None
        height = last["y"] + last["height"] + MARGIN
        await page.screenshot(
            path=PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}
        )
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
