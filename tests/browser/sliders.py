"""Moves sliders as people do. Pages show sliders before they listen, so what moved nothing is done again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import FrameLocator, Locator, Page

STEP = 2_000
"""Milliseconds after which what moved nothing is done again."""

STEPS = 15


async def until_moved(slider: Locator, shown: Locator, before: str) -> None:
    """Move a slider by keyboard until what it leads to is no longer what it was."""
    for _ in range(STEPS):
        await slider.focus()
        await slider.press("ArrowRight")
        with suppress(AssertionError):
            await expect(shown).not_to_have_text(before, timeout=STEP)
            return
    pytest.fail("the slider moves nothing")


async def drag_to_the_end(page: Page, within: Locator | FrameLocator, shown: Locator) -> None:
    """Drag Jupyter's slider with the mouse to its greatest value, until what that leads to is shown."""
    for _ in range(STEPS):
        await _drag(page, within)
        with suppress(AssertionError):
            await expect(shown).to_be_visible(timeout=STEP)
            return
    pytest.fail("the slider moves nothing")


async def _drag(page: Page, within: Locator | FrameLocator) -> None:
    track = await within.locator(".noUi-base").bounding_box()
    handle = await within.get_by_role("slider").bounding_box()
    assert track
    assert handle
    await page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(track["x"] + track["width"], handle["y"] + handle["height"] / 2, steps=5)
    await page.mouse.up()
