"""Counts the instances in which something was killed for memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from cachetools import LRUCache

from pool.identity import short

if TYPE_CHECKING:
    from pool.core.roster import Roster
    from pool.metrics import PoolMetrics

log = structlog.stdlib.get_logger(__name__)

REMEMBERED = 10_000
"""Instances that have been told of; far more than there ever are at once."""


class MemoryKills:
    """Tells log and metrics of each instance once, however often a visitor's program runs into the limit.

    An instance whose kernel was killed goes on: its server starts another and tells the page so. One whose
    server was killed has ended, and whoever ends it gives the reason.
    """

    def __init__(self, roster: Roster, metrics: PoolMetrics) -> None:
        self._roster = roster
        self._metrics = metrics
        self._noted: LRUCache[str, None] = LRUCache(REMEMBERED)

    def note(self, instance_id: str) -> None:
        """Something in an instance was killed for memory. One nobody knows is left alone."""
        instance = self._roster.get(instance_id)
        if instance is None or instance_id in self._noted:
            return
        self._noted[instance_id] = None
        self._metrics.out_of_memory.labels(instance.pool).inc()
        log.info("out_of_memory", instance=short(instance_id), pool=instance.pool, state=instance.state.value)
