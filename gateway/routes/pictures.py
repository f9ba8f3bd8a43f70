"""The picture that stands for a notebook where other sites show a link to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import ETag, web

if TYPE_CHECKING:
    from gateway.site import Site

KEPT = 3600
"""Seconds a picture may be shown without asking again; its address changes when it does."""


class Pictures:
    """`GET /view/<pool>/picture`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [web.get("/view/{name}/picture", self.picture)]

    async def picture(self, request: web.Request) -> web.Response:
        """Answer with the first picture the notebook shows, as it was when it had just been run."""
        shown = self._site.previews.find(request.match_info["name"])
        if shown.picture is None:
            raise web.HTTPNotFound
        response = web.Response(
            body=shown.picture.content,
            content_type=shown.picture.mime,
            headers={"Cache-Control": f"public, max-age={KEPT}", "X-Content-Type-Options": "nosniff"},
        )
        response.etag = ETag(shown.version)
        return response
