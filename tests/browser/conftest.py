"""A real headless Chromium, a page on another site, and gateways that several files share."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.browser.elsewhere import AnotherSite
from tests.browser.frames import end_sessions
from tests.support.apps import app_pool
from tests.support.operated import TWO_POOLS, operated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, BrowserContext, Page

    from tests.support.operated import Operated

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
    # What Playwright's contexts do anyway: no site sets cookies in another one's page (test_elsewhere.py).
    "--test-third-party-cookie-phaseout",
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

SQUARES = """
[[pools]]
name = "course"
title = "Squares"
source = "https://example.org/squares.ipynb"
sizing = "static"
warm = 2
max = 3
hot = 2
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""

NEW_INTERFACES = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")


@pytest.fixture(scope="session", autouse=True)
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
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    """A gateway with containers, as it is run for people."""
    async with RunningGateway(tmp_path_factory.mktemp("browser"), POOLS) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site() -> AsyncIterator[AnotherSite]:
    """Another site than any gateway's. `site.allowed` in a gateway's settings lets it frame notebooks."""
    site = AnotherSite()
    async with site.open():
        yield site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def squares(
    tmp_path_factory: pytest.TempPathFactory, site: AnotherSite
) -> AsyncIterator[RunningGateway]:
    """A gateway that publishes one notebook for editing, also for the other site."""
    folder = tmp_path_factory.mktemp("squares")
    async with RunningGateway(folder, SQUARES, engine="process", gateway=site.allowed) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def full(tmp_path: Path) -> AsyncIterator[tuple[RunningGateway, Visitor]]:
    """A gateway whose only notebook is in use, and who uses it."""
    pool = app_pool(warm=1, most=1, more='title = "Statistics"')
    async with RunningGateway(tmp_path, pool, engine="process") as gateway, Visitor(gateway.base) as first:
        await first.spawn_patiently()
        yield gateway, first


@pytest_asyncio.fixture(loop_scope="session")
async def operator(tmp_path: Path) -> AsyncIterator[Operated]:
    """An operator's gateway with nothing real behind it, on a busy day."""
    async with operated(tmp_path, pools=TWO_POOLS) as gateway:
        gateway.busy()
        yield gateway


@pytest_asyncio.fixture(loop_scope="session")
async def base(operator: Operated) -> AsyncIterator[str]:
    """The address of the operator's page."""
    async with operator.open() as (address, _):
        yield address


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


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def readers(browser: Browser) -> AsyncIterator[BrowserContext]:
    """The browser of people who read the other site. They share what it has cached, as one's tabs do."""
    context = await browser.new_context(viewport={"width": 1000, "height": 800})
    context.set_default_timeout(30_000)
    yield context
    assert await context.cookies() == []
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def reader(page: Page, squares: RunningGateway) -> AsyncIterator[Page]:
    """Somebody on the page of the notebook that `squares` publishes, who gives back what they have opened."""
    await squares.until_quiet(2)
    await page.goto(squares.base + "/view/course")
    yield page
    await end_sessions(page, squares)
