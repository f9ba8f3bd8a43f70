"""Charges ready instances what they measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from pool.core.states import READY, Reason
from pool.errors import EngineError
from pool.identity import short

if TYPE_CHECKING:
    from pool.engines.engine import Engine
    from pool.pools import Pools

log = structlog.stdlib.get_logger(__name__)


class Meter:
    """`active` is False where charges are limits: then nothing is measured."""

    def __init__(self, engine: Engine, pools: Pools, *, active: bool) -> None:
        self._engine = engine
        self._pools = pools
        self.active = active

    async def read(self, instance_id: str) -> int:
        """Return what an instance measures in bytes; 0 when charges are limits, or when it cannot be told."""
        if not self.active:
            return 0
        try:
            return await self._engine.measure(instance_id)
        except EngineError as error:
            log.debug("not_measured", instance=short(instance_id), detail=error.detail)
            return 0

    async def charge(self, instance_id: str) -> None:
        """Measure a ready instance and charge it that; one that has grown beyond what is free ends."""
        measured = await self.read(instance_id)
        instance = self._pools.roster.get(instance_id)
        if not measured or instance is None or instance.state not in READY:
            return
        if pool := self._pools.peek(instance.pool):
            pool.measures.append(measured)
        if not self._pools.roster.recharge(instance_id, measured):
            self._pools.end(instance_id, Reason.EVICTED)
        self._pools.changed()
