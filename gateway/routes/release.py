"""The operator says: take up the settings and images as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from config import ConfigError
from gateway.answers import data

if TYPE_CHECKING:
    from gateway.release import Releases


class Release:
    """`POST /api/release`."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers; a trailing slash is allowed as everywhere."""
        return [web.post(path, self.release) for path in ("/api/release", "/api/release/")]

    async def release(self, _request: web.Request) -> web.Response:
        """Tell what has changed; 422 with every problem when the settings cannot be used, and nothing has
        changed.
        """
        try:
            released = await self._releases.release()
        except ConfigError as error:
            problems = [{"key": p.key, "value": p.value, "allowed": p.allowed} for p in error.problems]
            told = {"status": "error", "code": error.code, "message": error.remedy, "problems": problems}
            return data(told, status=422)
        return data(
            {
                "pools": {
                    name: {"before": before, "now": now, "new": before != now}
                    for name, (before, now) in released.generations.items()
                },
                "restart_needed": list(released.restart),
            }
        )
