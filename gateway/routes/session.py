"""A session as the page around it sees it: how long it lasts, that somebody is still there, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from gateway import sessions
from gateway.answers import data
from pool.core.states import Reason

if TYPE_CHECKING:
    from gateway.site import Site
    from pool.session import Session


class SessionState:
    """`/api/session/<id>` and its `/stay`. For one that has ended, 410 with the reason as everywhere."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [
            web.get("/api/session/{id}", self.tell),
            web.post("/api/session/{id}/stay", self.stay),
            web.delete("/api/session/{id}", self.end),
        ]

    async def tell(self, request: web.Request) -> web.Response:
        """Tell how long the session lasts. Looking is not use."""
        return data(self._told(self._find(request)))

    async def stay(self, request: web.Request) -> web.Response:
        """Note that its visitor is there, and tell the same."""
        session = self._find(request)
        session.touch()
        return data(self._told(session))

    async def end(self, request: web.Request) -> web.Response:
        """Let the session be over, as its page's own button would."""
        self._site.pools.end(self._find(request).instance_id, Reason.SHUTDOWN)
        return data({"status": "ended"})

    def _find(self, request: web.Request) -> Session:
        return sessions.find(self._site.pools, request.match_info["id"])

    def _told(self, session: Session) -> dict[str, Any]:
        """Times are seconds. At 0 of `idle_left` it is asked whether it computes, which prolongs it."""
        now = self._site.clock()
        instance = self._site.pools.roster.get(session.instance_id)
        used = now if instance is None or instance.last_activity is None else instance.last_activity
        return {
            "state": "live",
            "pool": session.pool,
            "idle_timeout": session.idle_timeout,
            "idle_left": round(max(0.0, used + session.idle_timeout - now), 1),
            "age_left": round(max(0.0, session.ends_at - now), 1),
        }
