"""A notebook's own page. Opening it takes no instance; pressing Open does, and the page stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from gateway.viewer import page
from gateway.viewer.options import Options

if TYPE_CHECKING:
    from gateway.site import Site


class NotebookPage:
    """`GET /view/<pool>`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [web.get("/view/{name}", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """Show what the notebook has to show, and how to open, link and embed it. Raises PoolUnknown."""
        return page.answer(request, self._site, "notebook.html", Options())
