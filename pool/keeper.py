"""The loop that keeps the pools as they should be: observe the engine → plan → carry out → repeat."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from config import OnStop, WarmgateError
from pool.core import backoff
from pool.core.actions import AskBusy, Destroy, End, Pause, Start, Unpause
from pool.core.plan import plan
from pool.core.states import READY, Reason, State
from pool.engines.engine import Status
from pool.errors import EngineError, EngineUnavailable
from pool.identity import short
from pool.observer import first
from pool.rounds import Rounds
from pool.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from random import Random

    import aiohttp

    from pool.core.actions import Action
    from pool.core.instance import Instance
    from pool.engines.engine import Engine
    from pool.freezer import Freezer
    from pool.identity import Identities
    from pool.journal import Replay
    from pool.memory import HostWatch
    from pool.meter import Meter
    from pool.metrics import PoolMetrics
    from pool.observer import Observer
    from pool.pool import Pool
    from pool.pools import Pools
    from pool.starter import Starter
    from pool.waiting import Waiting

log = structlog.stdlib.get_logger(__name__)

PLAN_EVERY = 1.0
"""Seconds between two plans when nothing happens: how late an idle session may be noticed."""

STOP_LIMIT = 20.0
"""Seconds for removing instances when the gateway stops; what is left is found at the next start."""


class Keeper:
    """Owns every task that makes, asks or removes an instance; `plan_soon` is set by whatever changes."""

    def __init__(
        self,
        pools: Pools,
        engine: Engine,
        observer: Observer,
        starter: Starter,
        http: aiohttp.ClientSession,
        plan_soon: asyncio.Event,
        *,
        waiting: Waiting,
        freezer: Freezer,
        meter: Meter,
        host: HostWatch,
        identities: Identities,
        metrics: PoolMetrics,
        start_concurrency: int,
        clock: Callable[[], float],
        rng: Random,
    ) -> None:
        self._pools = pools
        self._engine = engine
        self._observer = observer
        self._starter = starter
        self._http = http
        self._waiting = waiting
        self._freezer = freezer
        self._meter = meter
        self._host = host
        self._rounds = Rounds(pools, meter, http)
        self._identities = identities
        self._metrics = metrics
        self._start_concurrency = start_concurrency
        self._clock = clock
        self._rng = rng
        self._plan_soon = plan_soon
        self._rewarming = asyncio.Semaphore(start_concurrency)
        self._tasks = Tasks()

    async def run(self, replay: Replay) -> None:
        """Keep the pools until cancelled; while no engine answers, wait for one."""
        try:
            for instance, status in await self._observer.arrive(replay):
                self._spawn("rewarm", instance.id, self._rewarm(instance, status))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._observer.keep_looking(), name="keeper-look")
                group.create_task(self._observer.keep_hearing(), name="keeper-hear")
                group.create_task(self._keep_planning(), name="keeper-plan")
                group.create_task(self._rounds.keep_going(), name="keeper-rounds")
        finally:
            await self._tasks.cancel()

    async def stop(self, on_stop: OnStop) -> None:
        """After `run` has ended: remove what the next start shall not find. Sessions end only if told so."""
        kept = {State.ASSIGNED} if on_stop is OnStop.KEEP_ASSIGNED else set()
        if on_stop is not OnStop.KEEP_ALL:
            for instance in self._pools.roster:
                if instance.state not in kept:
                    self._pools.end(instance.id, Reason.STOPPED)
        leaving = [i.id for i in self._pools.roster if i.state is State.DRAINING]
        try:
            async with asyncio.timeout(STOP_LIMIT):
                await asyncio.gather(*(self._destroy(instance_id) for instance_id in leaving))
        except TimeoutError:
            log.warning("stop_cut_short", left=len(self._pools.roster))

    async def _keep_planning(self) -> None:
        while True:
            self._plan_soon.clear()
            for action in self._plan():
                self._carry_out(action)
            self._waiting.turn()
            await first(self._plan_soon, PLAN_EVERY)

    def _plan(self) -> list[Action]:
        roster = self._pools.roster
        now, facts = self._clock(), self._observer.facts
        wanted = [
            pool.wanted(
                roster.health(pool.name),
                now=now,
                waiting=self._waiting.line.waiting(pool.name),
                waiting_since=self._waiting.line.since(pool.name),
                starts_at_once=self._start_concurrency,
            )
            for pool in self._pools
        ]
        actions = plan(
            roster.observed(self._host.look(facts.memory_total if facts else 0)),
            wanted,
            roster.budget,
            now,
            start_concurrency=self._start_concurrency,
        )
        if self._observer.error is None:
            return actions
        # Sessions end on time whatever the engine does; what needs the engine waits for it.
        return [action for action in actions if isinstance(action, End | AskBusy)]

    def _carry_out(self, action: Action) -> None:
        match action:
            case End(instance_id, reason):
                self._pools.end(instance_id, reason)
            case AskBusy(instance_id):
                self._spawn("ask", instance_id, self._ask_busy(instance_id))
            case Destroy(instance_id):
                self._spawn("destroy", instance_id, self._destroy(instance_id))
            case Pause(instance_id):
                self._spawn("pause", instance_id, self._change(instance_id, self._freezer.freeze))
            case Unpause(instance_id):
                self._spawn("unpause", instance_id, self._change(instance_id, self._freezer.thaw))
            case Start(name):
                pool = self._pools.get(name)
                instance = pool.new_instance(self._identities.new_instance_id(), self._clock())
                self._pools.roster.begin(instance)
                log.info("instance_starting", instance=short(instance.id), pool=pool.name)
                steps = self._starter.start(pool, instance)
                self._spawn("start", instance.id, self._make_warm(pool, instance, steps))

    def _spawn(self, verb: str, instance_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` as the one task that is busy with this instance."""

        async def until_landed() -> None:
            try:
                await work
            finally:
                self._pools.roster.land(instance_id)
                self._plan_soon.set()

        self._pools.roster.take_off(instance_id)
        self._tasks.spawn(f"{verb}-{short(instance_id)}", until_landed())

    async def _rewarm(self, instance: Instance, status: Status) -> None:
        pool = self._pools.get(instance.pool)

        async def steps() -> None:
            # A few at a time, as with starts: those that are paused cost nothing until it is their turn.
            async with self._rewarming:
                if status is Status.PAUSED:
                    await self._engine.unpause(instance.id)
                await self._starter.warm(pool, instance.id)

        await self._make_warm(pool, instance, steps())

    async def _make_warm(self, pool: Pool, instance: Instance, steps: Coroutine[Any, Any, None]) -> None:
        began = self._clock()
        try:
            await steps
        except WarmgateError as error:
            self._start_failed(pool, instance, error)
        except Exception as error:
            # A bug in a kind or an engine: the start must still be counted as over.
            self._start_failed(pool, instance, WarmgateError(f"{type(error).__name__}: {error}"))
            raise
        else:
            self._pools.roster.start_succeeded(pool.name)
            seconds = self._clock() - began
            pool.started(seconds)
            self._metrics.start.labels(pool.name).observe(seconds)
            log.info("instance_warm", instance=short(instance.id), pool=pool.name, seconds=round(seconds, 2))
            self._plan_soon.set()
            await self._meter.charge(instance.id)

    def _start_failed(self, pool: Pool, instance: Instance, error: WarmgateError) -> None:
        if isinstance(error, EngineUnavailable):
            self._observer.failed(error)
        self._metrics.start_failures.labels(pool.name).inc()
        now = self._clock()
        health = self._pools.roster.start_failed(pool.name, str(error), now, self._rng.random())
        log.error(
            "start_failed",
            instance=short(instance.id),
            pool=pool.name,
            code=error.code,
            detail=error.detail,
            failures=health.failures,
            retry_in=round(health.retry_at - now, 1),
        )
        self._pools.end(instance.id, Reason.START_FAILED)

    async def _change(self, instance_id: str, change: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Pause or unpause; where that fails nobody knows what it does now, so nobody gets it."""
        try:
            await change(instance_id)
        except EngineError as error:
            if isinstance(error, EngineUnavailable):
                self._observer.failed(error)
            log.warning("pause_failed", instance=short(instance_id), code=error.code, detail=error.detail)
            instance = self._pools.roster.get(instance_id)
            if instance is not None and instance.state in READY:
                self._pools.end(instance_id, Reason.DIED)

    async def _destroy(self, instance_id: str) -> None:
        try:
            await self._engine.destroy(instance_id)
        except EngineError as error:
            if isinstance(error, EngineUnavailable):
                self._observer.failed(error)
            self._pools.roster.postpone(instance_id, self._clock() + backoff.BASE_SECONDS)
            log.warning("removal_failed", instance=short(instance_id), code=error.code, detail=error.detail)
        else:
            self._freezer.forget(instance_id)
            self._pools.forget(instance_id)

    async def _ask_busy(self, instance_id: str) -> None:
        found = self._pools.upstream(instance_id)
        if found is not None and await found[0].is_busy(self._http, found[1]):
            # A kernel at work is use, though nobody looks.
            self._pools.roster.touch(instance_id, self._clock())
        else:
            self._pools.end(instance_id, Reason.IDLE)
