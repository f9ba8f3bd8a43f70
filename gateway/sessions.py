"""Finds the session that an id names, or says why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import NotReady, SessionEnded, SessionUnknown

if TYPE_CHECKING:
    from pool.pools import Pools
    from pool.session import Session


def find(pools: Pools, session_id: str) -> Session:
    """Return the living session of this id. Raises SessionEnded, NotReady, SessionUnknown."""
    session = pools.find(session_id)
    if session is not None:
        return session
    ended = pools.ended(session_id)
    if ended is not None:
        raise SessionEnded.of(ended.reason, ended.pool)
    if not pools.adopted:
        raise NotReady
    raise SessionUnknown("no such session")
