"""Keeps the roster true to what the engine says. Events are hints; asking again is what is relied upon."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from pool.adoption import adopt, doom
from pool.building.naming import how_to_get
from pool.core.states import Reason, State
from pool.engines.engine import LIVE, Died, MemoryKill, Status
from pool.errors import EngineError, EngineUnavailable, ImageMissing
from pool.memory_kills import MemoryKills

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.core.instance import Instance
    from pool.engines.engine import Engine, Facts, Found
    from pool.freezer import Freezer
    from pool.journal import Replay
    from pool.meter import Meter
    from pool.metrics import PoolMetrics
    from pool.pools import Pools

log = structlog.stdlib.get_logger(__name__)

LOOK_EVERY = 10.0
"""Seconds between two looks at the engine. Its events only make the next look come sooner."""

LOOK_AGAIN = 1.0
"""Seconds until the next look while the engine does not answer, and until its events are heard again."""


class Observer:
    """Looks at the engine and tells the pools what it sees."""

    def __init__(
        self,
        pools: Pools,
        engine: Engine,
        *,
        freezer: Freezer,
        meter: Meter,
        metrics: PoolMetrics,
        fingerprint: str,
        clock: Callable[[], float],
        on_look: Callable[[], None],
    ) -> None:
        self._pools = pools
        self._engine = engine
        self._freezer = freezer
        self._meter = meter
        self._metrics = metrics
        self._memory_kills = MemoryKills(pools.roster, metrics)
        self._fingerprint = fingerprint
        self._clock = clock
        self._on_look = on_look
        self._look_soon = asyncio.Event()
        self.error: EngineError | None = EngineUnavailable("not reached yet")
        """Why the engine cannot be used, or None while it answers."""
        self.facts: Facts | None = None

    def look(self) -> None:
        """Something may have happened to an instance: ask the engine at once."""
        self._look_soon.set()

    def failed(self, error: EngineError) -> None:
        """A call found the engine not answering."""
        if self.error is None or self.error.detail != error.detail:
            log.error("engine_unavailable", code=error.code, detail=error.detail, remedy=error.remedy)
        self.error = error
        self._pools.roster.thawable = False
        self._metrics.engine_up.set(0)
        self.look()

    async def arrive(self, replay: Replay) -> list[tuple[Instance, Status]]:
        """Wait for the engine and adopt what runs. Returns the instances that must be warmed again."""
        found: list[Found] | None = None
        while found is None:
            try:
                await self._connect()
                found = await self._engine.list()
            except EngineError as error:
                self.failed(error)
                await asyncio.sleep(LOOK_AGAIN)
        sizes = await asyncio.gather(*(self._meter.read(item.instance_id) for item in found))
        measured = {item.instance_id: size for item, size in zip(found, sizes, strict=True) if size}
        again = adopt(found, replay, self._pools, self._fingerprint, self._clock(), measured)
        status = {item.instance_id: item.status for item in found}
        self._pools.settle()
        self._answered()
        log.info("instances_adopted", sessions=len(self._pools.sessions), warm=len(again))
        return [(instance, status[instance.id]) for instance in again]

    async def keep_looking(self) -> None:
        """Look at the engine for ever: now and then, and whenever asked to."""
        while True:
            self._look_soon.clear()
            try:
                await self._look_once()
                wait = LOOK_EVERY
            except EngineError as error:
                self.failed(error)
                self._look_soon.clear()
                wait = LOOK_AGAIN
            await first(self._look_soon, wait)

    async def keep_hearing(self) -> None:
        """Listen to the engine's events for ever."""
        while True:
            try:
                async for news in self._engine.events():
                    match news:
                        case Died():
                            # At once: its address may be another instance's in a moment.
                            self._over(news)
                        case MemoryKill(instance_id):
                            self._memory_kills.note(instance_id)
                    self.look()
            except EngineError as error:
                log.debug("engine_events_broken", code=error.code, detail=error.detail)
            self.look()
            await asyncio.sleep(LOOK_AGAIN)

    async def _connect(self) -> None:
        self.facts = await self._engine.connect()
        await self.resolve()

    async def resolve(self) -> None:
        """Learn what each pool's image is now; a missing one blocks that pool only. Raises EngineError."""
        for pool in self._pools:
            try:
                pool.resolved(await self._engine.resolve(pool.settings.image))
            except ImageMissing as error:
                told = f"{error.detail}; get it with `{how_to_get(pool.settings.image)}`"
                if pool.image_error != told:
                    log.error("image_missing", pool=pool.name, code=error.code, detail=told)
                pool.unresolved(told)

    async def _look_once(self) -> None:
        if self.error is not None:
            await self._connect()
        elif any(pool.image_error for pool in self._pools):
            await self.resolve()
        roster = self._pools.roster
        known = {instance.id: instance.state for instance in roster}
        asked_at = self._clock()
        found = await self._engine.list()
        self._answered()
        listed = {item.instance_id: item for item in found}
        for instance in roster:
            # Judged is only what was there before the question and has not moved on since.
            if known.get(instance.id) is instance.state:
                self._judge(instance, listed.get(instance.id))
        for item in found:
            doom(item, self._pools, asked_at, self._clock())
            now = roster.get(item.instance_id)
            if now is not None and known.get(now.id) is now.state and item.status in LIVE:
                await self._freezer.mend(now.id, paused=item.status is Status.PAUSED)
        self._on_look()

    def _judge(self, instance: Instance, item: Found | None) -> None:
        if item is None:
            # A starting instance may be missing because its creation is still under way.
            if instance.state not in {State.STARTING, State.DRAINING}:
                self._pools.end(instance.id, Reason.DIED)
        elif item.status is Status.EXITED:
            self._over(item)

    def _over(self, over: Found | Died) -> None:
        if over.out_of_memory:
            self._memory_kills.note(over.instance_id)
        self._pools.end(over.instance_id, Reason.OUT_OF_MEMORY if over.out_of_memory else Reason.DIED)

    def _answered(self) -> None:
        if self.error is not None and self.facts is not None:
            facts = self.facts
            log.info("engine_reached", engine=facts.name, version=facts.version, reach=facts.reach)
            for warning in facts.warnings:
                log.warning("engine_lacks", engine=facts.name, detail=warning)
        self.error = None
        self._pools.roster.thawable = True
        self._metrics.engine_up.set(1)


async def first(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
