"""Goes on with changed settings and images, without a restart: what is new warms, what is old leaves,
sessions stay.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from config import Charge, EngineName, check_engine
from gateway.budget import budget_of, survey

if TYPE_CHECKING:
    from collections.abc import Callable

    from config import Settings
    from gateway.limits import Limits
    from gateway.site import Site
    from pool.memory import HostWatch
    from pool.meter import Meter

log = structlog.stdlib.get_logger(__name__)

FIXED = ("gateway", "engine")
"""Sections that are only read at start: addresses are bound and tokens handed out by then."""


@dataclass(frozen=True, slots=True)
class Released:
    """What a release has changed. Generations are empty where a pool has none."""

    generations: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By pool, what it was and what it is now."""
    restart: tuple[str, ...] = ()
    """Keys that have changed in the settings and only count after a restart."""


class Releases:
    """One release after another. `load` reads the settings anew and raises ConfigError."""

    def __init__(
        self, site: Site, load: Callable[[], Settings], *, meter: Meter, host: HostWatch, limits: Limits
    ) -> None:
        self._site = site
        self._load = load
        self._meter = meter
        self._host = host
        self._limits = limits
        self._one_at_a_time = asyncio.Lock()

    async def release(self) -> Released:
        """Take up the settings and images as they are now.

        Raises ConfigError, after which all is as before, and EngineError when images could not be looked at.
        """
        async with self._one_at_a_time:
            before = self._site.settings
            after = self._load()
            check_engine(after, EngineName(self._site.engine.name))
            allowance = budget_of(after, await survey(self._site.engine))
            generations = {pool.name: pool.generation for pool in self._site.pools}
            self._apply(before, after, allowance.total)
            await self._site.observer.resolve()
            released = Released(
                generations={
                    pool.name: (generations.get(pool.name, ""), pool.generation) for pool in self._site.pools
                },
                restart=tuple(_changed(before, after)),
            )
            log.info(
                "released",
                budget_mib=allowance.total // 2**20,
                new=[name for name, (old, new) in released.generations.items() if old != new],
                restart_needed=list(released.restart),
            )
            return released

    def _apply(self, before: Settings, after: Settings, total: int) -> None:
        site = self._site
        site.settings = after.model_copy(update={name: getattr(before, name) for name in FIXED})
        site.pools.roster.budget = total
        site.waiting.line.places = after.limits.tickets
        self._limits.configure(
            sessions_per_address=after.limits.sessions_per_address,
            spawns_per_minute=after.limits.spawns_per_minute,
        )
        self._meter.active = after.memory.charge is Charge.MEASURED
        self._host.reserve = after.memory.reserve
        site.pools.reconfigure(after.pools)
        site.recent.expect(pool.name for pool in after.pools)


def _changed(before: Settings, after: Settings) -> list[str]:
    """Return the keys of FIXED sections that differ."""
    return [
        f"{section}.{key}"
        for section in FIXED
        for key in type(getattr(before, section)).model_fields
        if getattr(getattr(before, section), key) != getattr(getattr(after, section), key)
    ]
