"""The start page: a gallery of the notebooks. Opening it, or a link to one, takes no instance; pressing Open
does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from config import Kind, Mode
from gateway.answers import page
from gateway.routes.linking import Link, has_page, link_of

if TYPE_CHECKING:
    from gateway.site import Site
    from pool.pool import Pool

TITLE = "Notebooks"
DESCRIPTION = "Live notebooks, ready at a click. No account, nothing to install."

KINDS = {Kind.JUPYTER: "Jupyter", Kind.PLUTO: "Pluto", Kind.GENERIC: ""}
MODES = {
    Mode.EDIT: "To edit: change and run whatever you like.",
    Mode.VIEW: "To view: move its controls and run its cells as they are.",
}
"""What a visitor may do with a notebook, in plain words."""


class Landing:
    """`GET /`, `GET /notebooks/…` and their like, `GET /favicon.ico`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [
            web.get("/", self.start),
            web.get(r"/{kind:notebooks|tree|files|lab}", self.deep),
            web.get(r"/{kind:notebooks|tree|files|lab}/{rest:.*}", self.deep),
            web.get("/favicon.ico", self.icon),
        ]

    async def start(self, _request: web.Request) -> web.Response:
        """Show what there is to open."""
        return self._page("")

    async def deep(self, request: web.Request) -> web.Response:
        """Show the same for a link that names a file: the button leads there."""
        return self._page(request.raw_path.removeprefix(self._site.prefix))

    async def icon(self, _request: web.Request) -> web.Response:
        """Send browsers that ask by habit to the icon."""
        raise web.HTTPFound(self._site.path("/assets/icon.svg"))

    def _page(self, path: str) -> web.Response:
        settings = self._site.settings
        cards = [self._card(pool) for pool in self._site.pools]
        return page(
            "landing.html",
            targets=self._site.session_hosts.targets,
            prefix=self._site.prefix,
            notebooks=[card for card in cards if card["notebook"]],
            others=[card for card in cards if not card["notebook"]],
            link=self._link(),
            path=path,
            open=not settings.gateway.api_token.get_secret_value(),
            editable=any(pool.mode is Mode.EDIT for pool in settings.pools),
            idle=_spoken(min(pool.idle_timeout for pool in settings.pools)),
        )

    def _card(self, pool: Pool) -> dict[str, Any]:
        shown = self._site.previews.find(pool.name)
        kind = " ".join(filter(None, (KINDS[pool.settings.kind], "notebook")))
        return {
            **self._site.occupancy(pool),
            "notebook": has_page(pool.settings),
            "kind": f"{kind}, {shown.language}" if shown.language else kind,
            "mode": MODES[pool.settings.mode],
            "excerpt": shown.excerpt,
        }

    def _link(self) -> Link:
        """Return what is told to who shows a link to this page: of pictures, the first notebook's."""
        links = (link_of(self._site, pool) for pool in self._site.pools if has_page(pool.settings))
        picture = next((link.picture for link in links if link.picture), "")
        public = self._site.settings.gateway.public_url
        return Link(TITLE, DESCRIPTION, f"{public}/" if public else "", picture)


def _spoken(seconds: float) -> str:
    """Return a duration as people say it."""
    for size, one, many in ((3600, "an hour", "hours"), (60, "a minute", "minutes")):
        count = round(seconds / size)
        if count >= 1:
            return one if count == 1 else f"{count} {many}"
    return f"{seconds:g} seconds"
