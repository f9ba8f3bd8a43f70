"""From a visitor's wish to a session whose server surely answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from gateway.errors import Disconnected
from pool.core.states import Reason
from pool.errors import PoolEmpty
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.engines.engine import Address
    from pool.metrics import PoolMetrics
    from pool.pools import Pools
    from pool.session import Session

log = structlog.stdlib.get_logger(__name__)

CHECK_LIMIT = 1.0
"""Seconds a server's socket may take to accept. The kernel does that, however busy the server is."""

TRIES = 5
"""Dead instances a visitor is spared before they are told that there is none."""


class Assigner:
    """Assigns without asking the engine, and checks by a bare connection that somebody listens."""

    def __init__(self, pools: Pools, metrics: PoolMetrics, clock: Callable[[], float]) -> None:
        self._pools = pools
        self._metrics = metrics
        self._clock = clock

    async def assign(self, pool: str | None, gone: Callable[[], bool]) -> Session:
        """Return a session on a living instance. Raises PoolUnknown, PoolEmpty, JournalUnwritable.

        `gone` tells whether the visitor has left meanwhile: then nobody will ever use the instance.
        """
        began = self._clock()
        for _ in range(TRIES):
            session = self._pools.assign(pool)
            try:
                alive = await accepts(session.upstream.address)
            except asyncio.CancelledError:
                self._pools.end(session.instance_id, Reason.SHUTDOWN)
                raise
            if gone():
                self._pools.end(session.instance_id, Reason.SHUTDOWN)
                raise Disconnected("the visitor left before an instance was assigned")
            if alive:
                self._metrics.wait.labels(session.pool).observe(self._clock() - began)
                return session
            log.warning("dead_instance_skipped", instance=short(session.instance_id), pool=session.pool)
            self._pools.end(session.instance_id, Reason.DIED)
        raise PoolEmpty(self._pools.get(pool).name)


async def accepts(address: Address) -> bool:
    """Return whether something accepts connections there."""
    try:
        async with asyncio.timeout(CHECK_LIMIT):
            _, writer = await asyncio.open_connection(address.host, address.port)
    except (OSError, TimeoutError):
        return False
    writer.transport.abort()
    return True
