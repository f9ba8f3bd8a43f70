"""A house with a keeper in it, and a loop that turns as fast as the test wants."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from pool.core.states import READY, State
from pool.freezer import Freezer
from pool.keeper import Keeper
from pool.memory import HostWatch
from pool.meter import Meter
from pool.observer import Observer
from pool.starter import Starter
from tests.support.fake_engine import FakeEngine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.support.house import House

NO_HTTP: Any = None
"""The scripted kind asks no server."""


class Kept:
    """The keeper, what it is made of, and ways to look at both."""

    def __init__(self, house: House, engine: FakeEngine, *, measured: bool = False) -> None:
        self.house = house
        self.engine = engine
        self.pools = house.pools
        self.roster = house.roster
        plan_soon = asyncio.Event()
        self.poke = plan_soon.set
        house.on_change = plan_soon.set
        self.freezer = Freezer(engine, house.roster, house.clock)
        self.meter = Meter(engine, house.pools, active=measured)
        self.memory = 10**12
        """Bytes the host has available, beyond any reserve."""
        self.pressure = 0.0
        """Percent of the time in which programs of the host wait for memory."""
        self.host = HostWatch(
            0,
            available=lambda: self.memory,
            pressure=lambda: self.pressure,
            total=lambda: engine.memory_total,
        )
        self.observer = Observer(
            house.pools,
            engine,
            freezer=self.freezer,
            meter=self.meter,
            metrics=house.metrics,
            fingerprint=house.identities.fingerprint,
            clock=house.clock,
            on_look=plan_soon.set,
        )
        starter = Starter(
            engine, NO_HTTP, house.pools, house.identities, gateway_id="test", prefix="", clock=house.clock
        )
        self.keeper = Keeper(
            house.pools,
            engine,
            self.observer,
            starter,
            NO_HTTP,
            plan_soon,
            waiting=house.waiting,
            freezer=self.freezer,
            meter=self.meter,
            host=self.host,
            identities=house.identities,
            metrics=house.metrics,
            start_concurrency=2,
            clock=house.clock,
            rng=Random(1),
        )

    def states(self) -> list[State]:
        return sorted(instance.state for instance in self.roster)

    async def until(self, what: Callable[[], bool]) -> None:
        """Let the loop turn until something holds; each turn takes a hundredth of a second and plans anew."""
        for _ in range(2000):
            if what():
                return
            self.house.clock.now += 0.01
            self.poke()
            await asyncio.sleep(0)
        pytest.fail(f"never: {self.roster!r}")

    async def until_warm(self, count: int) -> None:
        await self.until(lambda: sum(self.roster.census()[state] for state in READY) == count)


@asynccontextmanager
async def keeping(
    house: House, engine: FakeEngine | None = None, *, measured: bool = False
) -> AsyncIterator[Kept]:
    kept = Kept(house, engine or FakeEngine(), measured=measured)
    running = asyncio.get_running_loop().create_task(kept.keeper.run(house.replay))
    try:
        yield kept
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
