"""What search engines are told: where they may look, and which pages there are."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from aiohttp import web

from gateway.routes.linking import has_page, view_path

if TYPE_CHECKING:
    from gateway.site import Site

KEPT_OFF = ("/spawn", "/user/", "/api/", "/embed/", "/wait/")
"""What takes an instance, is somebody's own, or shows the same once more."""

SITEMAP = """\
<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{urls}
</urlset>
"""


class Crawlers:
    """`GET /robots.txt`, `GET /sitemap.xml`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [web.get("/robots.txt", self.robots), web.get("/sitemap.xml", self.sitemap)]

    async def robots(self, _request: web.Request) -> web.Response:
        """Keep crawlers off everything that takes an instance (RFC 9309)."""
        public = self._site.settings.gateway.public_url
        lines = ["User-agent: *", *(f"Disallow: {self._site.path(path)}" for path in KEPT_OFF)]
        if public:
            lines += ["", f"Sitemap: {public}/sitemap.xml"]
        return web.Response(text="\n".join([*lines, ""]))

    async def sitemap(self, _request: web.Request) -> web.Response:
        """List our pages (sitemaps.org); their addresses are absolute, so only where `public_url` is set."""
        public = self._site.settings.gateway.public_url
        if not public:
            raise web.HTTPNotFound
        paths = ["/", *(view_path(pool.name) for pool in self._site.pools if has_page(pool.settings))]
        urls = "\n".join(f"  <url><loc>{escape(public + path)}</loc></url>" for path in paths)
        return web.Response(text=SITEMAP.format(urls=urls), content_type="application/xml")
