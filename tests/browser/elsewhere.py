"""A page on another site than the gateway's."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web
from playwright.async_api import async_playwright

from tests.browser.conftest import CHROMIUM, QUIET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext

NO_FOREIGN_COOKIES = "--test-third-party-cookie-phaseout"

PAGE = '<!doctype html><meta charset="utf-8"><title>Elsewhere</title><h1>A page elsewhere</h1>\n'


class AnotherSite:
    """Serves one page. `localhost` and 127.0.0.1 are two sites to a browser."""

    def __init__(self, port: int) -> None:
        self.page = PAGE
        self.origin = f"http://localhost:{port}"
        self._port = port

    def shows(self, html: str) -> str:
        """Have the page hold this; return its address."""
        self.page = PAGE + html
        return self.origin + "/"

    async def _answer(self, _request: web.Request) -> web.Response:
        return web.Response(text=self.page, content_type="text/html")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Serve it meanwhile."""
        app = web.Application()
        app.router.add_get("/", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self._port).start()
            yield
        finally:
            await runner.cleanup()


@asynccontextmanager
async def reader_without_foreign_cookies() -> AsyncIterator[BrowserContext]:
    """A browser that lets no site set cookies in another one's page."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*QUIET, NO_FOREIGN_COOKIES]
        )
        context = await chromium.new_context(viewport={"width": 1000, "height": 800})
        context.set_default_timeout(30_000)
        yield context
        await context.close()
        await chromium.close()
