"""The start page. Opening it, or a link to a notebook, takes no instance; pressing Open does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from gateway.answers import page

if TYPE_CHECKING:
    from gateway.site import Site

ROBOTS = "User-agent: *\nDisallow: /spawn\nDisallow: /user/\nDisallow: /api/\n"


class Landing:
    """`GET /`, `GET /notebooks/…` and their like, `GET /robots.txt`, `GET /favicon.ico`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [
            web.get("/", self.start),
            web.get(r"/{kind:notebooks|tree|files|lab}", self.deep),
            web.get(r"/{kind:notebooks|tree|files|lab}/{rest:.*}", self.deep),
            web.get("/robots.txt", self.robots),
            web.get("/favicon.ico", self.icon),
        ]

    async def start(self, _request: web.Request) -> web.Response:
        """Show what there is to open."""
        return self._page("")

    async def deep(self, request: web.Request) -> web.Response:
        """Show the same for a link that names a file: the button leads there."""
        return self._page(request.raw_path.removeprefix(self._site.prefix))

    async def robots(self, _request: web.Request) -> web.Response:
        """Keep crawlers off everything that takes an instance."""
        return web.Response(text=ROBOTS)

    async def icon(self, _request: web.Request) -> web.Response:
        """Send browsers that ask by habit to the icon."""
        raise web.HTTPFound(self._site.path("/assets/icon.svg"))

    def _page(self, path: str) -> web.Response:
        settings = self._site.settings
        return page(
            "landing.html",
            targets=self._site.session_hosts.targets,
            prefix=self._site.prefix,
            pools=self._site.occupancies(),
            path=path,
            open=not settings.gateway.api_token.get_secret_value(),
            idle=_spoken(min(pool.idle_timeout for pool in settings.pools)),
        )


def _spoken(seconds: float) -> str:
    """Return a duration as people say it."""
    for size, one, many in ((3600, "an hour", "hours"), (60, "a minute", "minutes")):
        count = round(seconds / size)
        if count >= 1:
            return one if count == 1 else f"{count} {many}"
    return f"{seconds:g} seconds"
