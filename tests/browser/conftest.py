"""A real headless Chromium, and a gateway with real notebooks behind it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from bench.running import RunningGateway

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What must come to be on a page may take its time on a busy machine; five seconds are the library's.
expect.set_options(timeout=30_000)

# As many as there may be are warm, so that none starts while a page loads: see calm_network.
POOLS = """
[[pools]]
name = "jupyter"
title = "Jupyter"
description = "A notebook of your own, with Python and widgets."
sizing = "static"
warm = 2
max = 2
hot = 2
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""


NEW_INTERFACES = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")


@pytest.fixture(scope="session")
def calm_network() -> Iterator[None]:
    """Where we may, let new network interfaces come without an address of their own for a while.

    Chromium gives up what it is loading when an address of its machine comes or goes, and each container's
    interface brings one of IPv6.
    """
    try:
        before = NEW_INTERFACES.read_text()
        NEW_INTERFACES.write_text("1")
    except OSError:
        yield
        return
    yield
    NEW_INTERFACES.write_text(before)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, calm_network: None
) -> AsyncIterator[RunningGateway]:
    del calm_network
    async with RunningGateway(tmp_path_factory.mktemp("browser"), POOLS) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield await context.new_page()
    await context.close()
