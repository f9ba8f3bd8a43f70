"""Goes round the running warm instances: whether they still answer, and what they measure by now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from pool.core.states import Reason, State
from pool.identity import short

if TYPE_CHECKING:
    import aiohttp

    from pool.core.instance import Instance
    from pool.meter import Meter
    from pool.pools import Pools

log = structlog.stdlib.get_logger(__name__)

ROUND_EVERY = 10.0
"""Seconds between two rounds."""

PROBE_LIMIT = 5.0
"""Seconds a warm server may take to answer, which has nothing else to do."""

SILENCES = 2
"""Rounds in a row without an answer after which an instance is given up: once may be a busy host."""


class Rounds:
    """A paused instance neither answers nor changes, and an assigned one is its visitor's: both are left
    alone.
    """

    def __init__(self, pools: Pools, meter: Meter, http: aiohttp.ClientSession) -> None:
        self._pools = pools
        self._meter = meter
        self._http = http
        self._silent: dict[str, int] = {}

    async def keep_going(self) -> None:
        """Go round for ever."""
        while True:
            await asyncio.sleep(ROUND_EVERY)
            await self.go_once()

    async def go_once(self) -> None:
        """Look at every running warm instance once."""
        warm = [instance for instance in self._pools.roster if instance.state is State.WARM]
        self._silent = {i.id: self._silent[i.id] for i in warm if i.id in self._silent}
        async with asyncio.TaskGroup() as group:
            for instance in warm:
                group.create_task(self._visit(instance), name=f"visit-{short(instance.id)}")

    async def _visit(self, instance: Instance) -> None:
        found, pool = self._pools.upstream(instance.id), self._pools.peek(instance.pool)
        if found is None or pool is None:
            return
        kind, upstream = found
        try:
            async with asyncio.timeout(PROBE_LIMIT):
                answers = await kind.probe(self._http, upstream, pool.settings)
        except TimeoutError:
            answers = False
        if not self._is_warm(instance.id):
            return
        self._silent[instance.id] = 0 if answers else self._silent.get(instance.id, 0) + 1
        if self._silent[instance.id] >= SILENCES:
            log.warning("silent_instance_given_up", instance=short(instance.id), pool=instance.pool)
            self._pools.end(instance.id, Reason.DIED)
        elif answers:
            await self._meter.charge(instance.id)

    def _is_warm(self, instance_id: str) -> bool:
        instance = self._pools.roster.get(instance_id)
        return instance is not None and instance.state is State.WARM
