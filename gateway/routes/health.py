"""Whether the gateway is alive, and whether it can serve a visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from gateway.answers import data

if TYPE_CHECKING:
    from gateway.site import Site


class Health:
    """`/healthz` and `/readyz`; on both doors."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [web.get("/healthz", self.alive), web.get("/readyz", self.ready)]

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer at all: the loop turns."""
        return data({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when every pool that keeps warm instances has one; 503 with the reasons otherwise."""
        ready, reasons = self._site.readiness()
        headers = {} if ready else {"Retry-After": "1"}
        return data({"ready": ready, "reasons": reasons}, status=200 if ready else 503, headers=headers)
