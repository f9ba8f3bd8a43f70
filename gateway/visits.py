"""What the gateway holds open for each session, from its first request to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from gateway.errors import BadRequest

if TYPE_CHECKING:
    import aiohttp

    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.relay import Relay
    from pool.core.states import Reason
    from pool.pools import Pools
    from pool.session import Session

AMENDED_LIMIT = 64 * 1024
"""Bytes of a body that a kind may look at before its server does; longer ones pass as they are."""

BODY_LIMIT = 30.0
"""Seconds such a body may take to arrive."""


@dataclass(slots=True)
class Visit:
    """One session's connections."""

    connections: SessionConnections
    amending: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One body at a time, or two would be given the same kernel."""


class Visits:
    """Relays requests to the session they name; lets go of everything when a session ends."""

    def __init__(self, pools: Pools, relay: Relay, http: aiohttp.ClientSession) -> None:
        self._relay = relay
        self._http = http
        self._visits: dict[str, Visit] = {}
        pools.listen(self._ended)

    async def relay(self, request: web.Request, place: SessionPath, session: Session) -> web.StreamResponse:
        """Relay one request of a living session. Raises what `Relay.handle` does."""
        visit = self._visits.get(session.id)
        if visit is None:
            visit = self._visits[session.id] = Visit(self._relay.connect(session))
            session.claim()
        if not _amended(request, place, session):
            return await self._relay.handle(request, place, visit.connections)
        async with visit.amending:
            body = await session.kind.amend(self._http, session.upstream, await _short_body(request))
            return await self._relay.handle(request, place, visit.connections, body)

    def _ended(self, session: Session, reason: Reason) -> None:
        visit = self._visits.pop(session.id, None)
        if visit is not None:
            visit.connections.end(reason)


def _amended(request: web.Request, place: SessionPath, session: Session) -> bool:
    """Return whether the kind wants to see the body first. Not one that waits for `100 Continue`."""
    return (
        request.body_exists
        and hdrs.EXPECT not in request.headers
        and (request.content_length or AMENDED_LIMIT + 1) <= AMENDED_LIMIT
        and session.kind.amends(request.method, place.rest.decode("ascii"))
    )


async def _short_body(request: web.Request) -> bytes:
    """Return a body that has said how short it is. Raises BadRequest when it does not come."""
    try:
        async with asyncio.timeout(BODY_LIMIT):
            return await request.content.read()
    except (TimeoutError, web.RequestPayloadError):
        raise BadRequest("the body ended before its end") from None
