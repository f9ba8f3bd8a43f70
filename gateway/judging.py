"""Which rules a session has, and what they are asked of a request."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from gateway.policy.policy import Wish
from gateway.policy.registry import POLICIES, Nothing
from gateway.proxy import handshake

if TYPE_CHECKING:
    from gateway.policy.policy import Policy
    from gateway.policy.ruling import Ruling
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.request import RequestHead
    from pool.kinds.kind import Kind
    from pool.kinds.published import Published


class Judgeable(Protocol):
    """A session, as far as its rules go."""

    @property
    def kind(self) -> Kind:
        """Whose rules."""
        ...

    @property
    def judged(self) -> bool:
        """Whether there are any."""
        ...

    @property
    def published(self) -> Published | None:
        """What they allow."""
        ...


def policy_of(session: Judgeable) -> Policy | None:
    """Return the rules of a session, or None where its visitor may do anything."""
    if not session.judged:
        return None
    make = POLICIES.get(session.kind.name)
    if make is None or session.published is None:
        return Nothing()
    return make(session.published, clock=time.monotonic)


def judge(policy: Policy, head: RequestHead, place: SessionPath) -> Ruling:
    """Return what becomes of a session's request. Raises BadRequest for a handshake nobody could grant."""
    section = head.section
    return policy.judge(
        Wish(
            head.method,
            place.rest.decode("ascii"),
            place.query.decode("ascii").removeprefix("?"),
            websocket=handshake.wanted(head.version, head.method, head.named) is not None,
            body=section.chunked or section.length > 0,
        )
    )
