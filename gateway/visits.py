"""What the gateway holds open for each session, from its first request to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.errors import ViewOnly
from gateway.judging import judge, policy_of
from gateway.policy.policy import Policy  # noqa: TC001 - see paths.py
from gateway.policy.ruling import Answered, Passed, Refused
from gateway.proxy.connections import SessionConnections  # noqa: TC001 - see paths.py
from gateway.proxy.desk import Relaying

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from gateway.assets.cache import Assets
    from gateway.proxy.desk import Serve
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.relay import Relay
    from gateway.proxy.request import RequestHead
    from pool.core.states import Reason
    from pool.kinds.kind import Kind
    from pool.pools import Pools
    from pool.session import Session

AMENDED_LIMIT = 64 * 1024
"""Bytes of a body that a kind may look at before its server does; longer ones pass as they are."""


SHUTDOWN = frozenset({b"api/shutdown", b"api/shutdown/"})
"""Where a page asks for the end of its session."""


AS_IT_IS = Passed()
"""What a policy says of a request it has nothing to add to."""


@dataclass(slots=True)
class Visit:
    """One session's connections."""

    connections: SessionConnections
    policy: Policy | None
    """The rules, where the visitor may only view."""
    amending: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One body at a time, or two would be given the same kernel."""


class Visits:
    """Relays requests to the session they name; lets go of everything when a session ends."""

    def __init__(self, pools: Pools, relay: Relay, http: aiohttp.ClientSession, assets: Assets) -> None:
        self._relay = relay
        self._http = http
        self._assets = assets
        self._visits: dict[str, Visit] = {}
        pools.listen(self._ended)

    def relay(self, head: RequestHead, place: SessionPath, session: Session) -> Relaying | Serve | Answered:
        """Return where a request of a living session goes, or who or what answers it without asking its
        instance. Raises ViewOnly, BadRequest.
        """
        visit = self._visits.get(session.id)
        if visit is None:
            visit = self._visits[session.id] = Visit(self._relay.connect(session), policy_of(session))
            session.claim()
        if visit.policy is not None:
            return self._judged(visit, visit.policy, head, place, session)
        if (serve := self._assets.find(head, place, session, visit.connections.answer_rules)) is not None:
            return serve
        if not is_amended(head, place, session.kind):
            return Relaying(place, visit.connections)

        async def amend(body: bytes, relay: Callable[[bytes], Awaitable[None]]) -> None:
            async with visit.amending:
                await relay(await session.kind.amend(self._http, session.upstream, body))

        return Relaying(place, visit.connections, amend)

    def _judged(
        self, visit: Visit, policy: Policy, head: RequestHead, place: SessionPath, session: Session
    ) -> Relaying | Serve | Answered:
        ruling = judge(policy, head, place)
        if isinstance(ruling, Refused):
            visit.connections.tools.meter.refused()
            raise ViewOnly(ruling.why)
        if isinstance(ruling, Answered):
            return ruling
        if ruling == AS_IT_IS:
            serve = self._assets.find(head, place, session, visit.connections.answer_rules)
            if serve is not None:
                return serve
        return Relaying(place, visit.connections, None, ruling)

    def _ended(self, session: Session, reason: Reason) -> None:
        visit = self._visits.pop(session.id, None)
        if visit is not None:
            visit.connections.end(reason)


def is_amended(head: RequestHead, place: SessionPath, kind: Kind) -> bool:
    """Return whether the kind wants to see the body first. Not one that waits for `100 Continue`."""
    return (
        0 < head.section.length <= AMENDED_LIMIT
        and b"expect" not in head.named
        and kind.amends(head.method, place.rest.decode("ascii"))
    )
