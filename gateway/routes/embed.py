"""A notebook's page for frames on other sites, and what helps those sites to embed it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from gateway.answers import ASSETS, data
from gateway.errors import BadRequest, FormatRefused, SessionUnknown
from gateway.viewer import oembed, page
from gateway.viewer.addresses import HEIGHT
from gateway.viewer.options import options

if TYPE_CHECKING:
    from gateway.site import Site

SCRIPT = ASSETS / "embed.js"

SCRIPT_AGE = 3600
"""Seconds a browser need not ask for embed.js again."""


class Embed:
    """`GET /embed/<pool>`, `GET /embed.js`, `GET /oembed`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._script = SCRIPT.read_bytes()
        self._tag = hashlib.sha256(self._script).hexdigest()[:16]

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [
            web.get("/embed/{name}", self.show),
            web.get("/embed.js", self.script),
            web.get("/oembed", self.describe),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Show the notebook's page as it stands in a frame. Raises PoolUnknown, BadRequest."""
        return page.answer(request, self._site, "embed.html", options(request.query.items()))

    async def script(self, request: web.Request) -> web.Response:
        """Answer with the script that turns links of a page into embeds."""
        answer = page.tagged(
            request,
            web.Response(body=self._script, content_type="text/javascript", charset="utf-8"),
            self._tag,
        )
        answer.headers[hdrs.CACHE_CONTROL] = f"public, max-age={SCRIPT_AGE}"
        # Pages that load nothing without leave (COEP: require-corp) may load this.
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    async def describe(self, request: web.Request) -> web.Response:
        """Tell how to embed a page of ours (oembed.com). Raises FormatRefused, BadRequest, SessionUnknown."""
        query = request.query
        if query.get("format", "json") != "json":
            raise FormatRefused
        if "url" not in query:
            raise BadRequest("`url` is missing")
        addresses = page.addresses(request, self._site)
        name = addresses.named_in(query["url"])
        if name is None or self._site.pools.peek(name) is None:
            raise SessionUnknown("oEmbed for an address that is no notebook's page")
        width = oembed.pixels(query.get("maxwidth"), oembed.WIDTH)
        height = oembed.pixels(query.get("maxheight"), HEIGHT)
        shown = self._site.previews.find(name)
        return data(
            oembed.described(addresses, name, shown, width=width, height=height),
            headers={hdrs.CACHE_CONTROL: f"public, max-age={oembed.CACHE_AGE}"},
        )
