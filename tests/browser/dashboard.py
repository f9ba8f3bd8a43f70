"""The operator's page: opened, and its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page


async def opened(page: Page, base: str) -> None:
    """Look at the page until it hears of every change."""
    await page.goto(base)
    await expect(page.locator("#live")).to_have_text("Live")


def panel(page: Page, pool: str) -> Locator:
    """Return what is said of a pool."""
    return page.locator(f'[data-pool="{pool}"]')


def number(page: Page, pool: str, name: str) -> Locator:
    """Return one of a pool's numbers, by what stands before it."""
    return panel(page, pool).locator("dl > div", has=page.locator(f'dt:has-text("{name}")')).locator("dd")
