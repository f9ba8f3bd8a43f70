"""A gateway in host mode: `*.localhost` leads to this machine, and each session is an origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from bench.running import RunningGateway, free_port
from tests.browser.elsewhere import AnotherSite
from tests.browser.host_mode.opening import session_in, shut_down

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest
    from playwright.async_api import Browser, BrowserContext

POOLS = """
[[pools]]
name = "jupyter"
sizing = "static"
warm = 2
max = 2
hot = 2
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def blog() -> AsyncIterator[AnotherSite]:
    """A site that may frame notebooks."""
    site = AnotherSite("blog.localhost")
    async with site.open():
        yield site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hosts(tmp_path_factory: pytest.TempPathFactory, blog: AnotherSite) -> AsyncIterator[RunningGateway]:
    port = free_port()
    settings = f"""
public_url = "http://localhost:{port}"
session_domain = "localhost"
{blog.allowed}
"""
    folder = tmp_path_factory.mktemp("hosts")
    async with RunningGateway(folder, POOLS, engine="process", gateway=settings, port=port) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, hosts: RunningGateway) -> AsyncIterator[BrowserContext]:
    """One browser's tabs; the sessions they opened end with the test."""
    await hosts.until_quiet(2)
    opened = await browser.new_context(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(30_000)
    yield opened
    frames = [frame for page in opened.pages for frame in page.frames]
    for address in {session_in(frame.url) for frame in frames} - {""}:
        await shut_down(hosts, address)
    await opened.close()
