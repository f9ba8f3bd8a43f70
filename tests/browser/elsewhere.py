"""A page on another site than the gateway's."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from bench.running import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.running import RunningGateway

PAGE = '<!doctype html><meta charset="utf-8"><title>Elsewhere</title><h1>A page elsewhere</h1>\n'


class AnotherSite:
    """Serves one page. `localhost` and 127.0.0.1 are two sites to a browser.

    On this machine, as browsers keep public pages off what is there.
    """

    def __init__(self, host: str = "localhost", port: int = 0) -> None:
        self.page = PAGE
        self._port = port or free_port()
        self.origin = f"http://{host}:{self._port}"

    @property
    def allowed(self) -> str:
        """A line of a gateway's settings that lets this site frame its notebooks."""
        return f'embed_origins = ["{self.origin}"]'

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


def tag(gateway: RunningGateway) -> str:
    """Return the one tag that turns links and elements of a page into embeds."""
    return f'<script src="{gateway.base}/embed.js" async></script>'
