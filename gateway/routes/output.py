"""What one instance has written, for the operator; read on from wherever the last answer ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiohttp import web

from gateway.answers import data
from gateway.errors import BadRequest, InstanceUnknown, NotReady

if TYPE_CHECKING:
    from gateway.site import Site

LINES = 100
"""Lines that are told when nothing is asked."""

MOST_LINES = 10_000
"""The most that can be asked for; the engine's own limit in bytes is reached long before."""

NUMBER = re.compile(r"[0-9]{1,5}", re.ASCII)
MARK = re.compile(r"[A-Za-z0-9-]{0,64}", re.ASCII)


class InstanceOutput:
    """`/api/instances/<id>/logs`; on the admin port only."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [web.get(f"/api/instances/{{id}}/logs{end}", self.logs) for end in ("", "/")]

    async def logs(self, request: web.Request) -> web.Response:
        """Tell the last `lines` lines, or those since `after`, which is the `mark` of an earlier answer.

        The instance's token and its session id are taken out: who reads along must not get in.
        """
        lines, after = _wish(request)
        instance = self._site.pools.roster.get(request.match_info["id"])
        if instance is None:
            if not self._site.pools.adopted:
                raise NotReady("instances of an earlier run are being looked for")
            raise InstanceUnknown("there is none with this id; it may have ended")
        output = await self._site.engine.output(instance.id, lines, after)
        # Looked at again: who reads on until the end must not take an old state for the newest.
        now = self._site.pools.roster.get(instance.id)
        return data(
            {
                "id": instance.id,
                "pool": instance.pool,
                "state": "gone" if now is None else now.state.value,
                "text": self._site.identities.without_secrets(output.text, instance.id),
                "mark": output.mark,
            }
        )


def _wish(request: web.Request) -> tuple[int, str]:
    lines, after = request.query.get("lines", str(LINES)), request.query.get("after", "")
    if not NUMBER.fullmatch(lines) or not 1 <= int(lines) <= MOST_LINES:
        raise BadRequest(f"`lines` must be a whole number from 1 to {MOST_LINES}")
    if not MARK.fullmatch(after):
        raise BadRequest("`after` must be the `mark` of an earlier answer")
    return int(lines), after
