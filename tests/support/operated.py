"""A gateway's admin port with nothing running behind it, whose numbers a test sets as it likes."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from config import Settings
from gateway import app
from gateway.doors import admin_app
from gateway.incidents import Incidents
from gateway.logs import Line
from gateway.operating.recent import MINUTE, MINUTES, Recent
from gateway.operating.recent_errors import RecentErrors
from pool.core.states import State
from pool.engines.engine import Facts
from tests.support.fake_engine import FakeEngine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from pool.core.instance import Instance

GIB = 2**30
GRACE = 20.0
"""Seconds that requests under way may take at a stop; long, so that a stop which waits for one is seen."""

TWO_POOLS = [
    {"name": "jupyter", "title": "Jupyter", "warm": 4, "max": 20},
    {"name": "course", "title": "Statistics course", "warm": 2, "max": 6, "memory": "256MiB"},
]

WAY = {
    State.STARTING: (),
    State.WARMING: (State.WARMING,),
    State.WARM: (State.WARMING, State.WARM),
    State.PAUSED: (State.WARMING, State.WARM, State.PAUSED),
    State.ASSIGNED: (State.WARMING, State.WARM, State.ASSIGNED),
    State.DRAINING: (State.WARMING, State.WARM, State.DRAINING),
}
"""The steps to each state."""


BUSY = {
    "jupyter": {State.ASSIGNED: 4, State.WARM: 2, State.PAUSED: 2, State.STARTING: 1},
    "course": {State.ASSIGNED: 1, State.WARM: 2, State.DRAINING: 1},
}


@dataclass
class Clock:
    """Real time that a test can set back and forth."""

    offset: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.offset

    def wall(self) -> float:
        return time.time() + self.offset


@dataclass
class Operated:
    """Made by `operated`."""

    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    budget: int = 6 * GIB

    def __post_init__(self) -> None:
        self.engine = FakeEngine()
        self.clock = Clock()
        settings = Settings.model_validate(self.settings)
        self.gateway = app.build(settings, self.engine, self.folder, self.budget, lambda: settings)
        self.site = self.gateway.site
        self.site.clock = self.clock
        self.site.recent = Recent([pool.name for pool in settings.pools], self.clock)
        self.site.errors = RecentErrors(self.clock.wall)
        self._made = 0

    def put(self, state: State, count: int = 1, pool: str = "jupyter") -> list[Instance]:
        """Put some instances of a pool into a state."""
        return [self._one(state, pool) for _ in range(count)]

    def _one(self, state: State, name: str) -> Instance:
        pool, roster = self.site.pools.get(name), self.site.pools.roster
        self._made += 1
        instance = pool.new_instance(f"{self._made:032d}", self.clock())
        roster.begin(instance)
        for step in WAY[state]:
            instance = roster.step(instance.id, step, self.clock())
        return instance

    def answered(self) -> None:
        """The engine is there, and everything that ran has been taken up."""
        self.site.observer.error = None
        self.site.observer.facts = Facts("fake", "20.10.24", "by its own address", memory_total=16 * GIB)
        self.site.pools.adopted = True
        self.site.host.look()
        for pool in self.site.pools:
            pool.wanted_ready = pool.warm

    def hour(self, pool: str, arrivals: list[int], missing: int = 0) -> None:
        """Let visitors have come in each of the last minutes; one in `missing` found nothing ready."""
        count = 0
        for index in range(MINUTES):
            self.clock.offset = (index - MINUTES + 1) * MINUTE
            for _ in range(arrivals[index % len(arrivals)]):
                count += 1
                hit = not missing or count % missing != 0
                self.site.recent.arrived(pool)
                self.site.recent.served(
                    pool, 0.004 + 0.001 * (count % 9) if hit else 0.9 + 0.1 * (count % 7), hit
                )
        self.clock.offset = 0.0

    def busy(self) -> None:
        """A day like others at TWO_POOLS: visitors, an error that came three times."""
        self.answered()
        for pool, states in BUSY.items():
            for state, count in states.items():
                self.put(state, count, pool)
        self.hour("jupyter", [2, 3, 1, 0, 4, 7, 3, 2, 1, 5, 9, 4, 2], missing=17)
        self.hour("course", [0, 0, 0, 1, 0, 2, 0])
        self.clock.offset = -990
        silent = "its server did not answer in 60 s"
        for _ in range(3):
            self.site.errors.note(Line("error", "start_failed", "W301", silent, "course", "ab12cd34"))
        self.clock.offset = -150
        gone = Line("warning", "relay_failed", "W501", "connection refused", "jupyter", "9f3e1a2b")
        self.site.errors.note(gone)
        self.clock.offset = 0.0

    @asynccontextmanager
    async def open(self, port: int = 0) -> AsyncIterator[tuple[str, web.AppRunner]]:
        """Serve the admin port, on any free one if it is 0; yield its address and what serves it."""
        runner = web.AppRunner(
            admin_app(self.gateway, Incidents(self.clock)), access_log=None, shutdown_timeout=GRACE
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}", runner
        finally:
            await runner.cleanup()


@asynccontextmanager
async def operated(folder: Path, budget: int = 6 * GIB, **settings: Any) -> AsyncIterator[Operated]:
    """Put a gateway together. `settings` are sections of the configuration."""
    made = Operated(folder, settings, budget)
    try:
        yield made
    finally:
        await made.gateway.http.close()
