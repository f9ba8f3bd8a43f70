"""Pools with nothing real behind them: for tests of what the gateway may ask."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry

from config import PoolSettings
from pool.core.line import Line
from pool.core.roster import Roster
from pool.core.states import State
from pool.engines.engine import Address
from pool.identity import Identities
from pool.journal import Journal
from pool.kinds.kind import Recipe, Warmed, unheard
from pool.metrics import PoolMetrics
from pool.pool import Pool
from pool.pools import Pools
from pool.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import aiohttp

    from pool.core.instance import Instance
    from pool.upstream import Upstream

MIB = 2**20
CLOSED_PORTS = range(1, 1024)
"""Where nobody listens on a machine that runs tests."""


class Clock:
    """Time that moves when told to; monotonic seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class ScriptedKind:
    """A kind whose server does what the test says."""

    name: str = "jupyter"
    is_heartbeat: Callable[[bytes], bool] | None = None
    answers: bool = True
    busy: bool = False
    warm_error: Exception | None = None
    warmed: list[str] = field(default_factory=list)
    found: Warmed = field(default_factory=Warmed)

    def strips_prefix(self, pool: PoolSettings) -> bool:
        return False

    def recipe(self, pool: PoolSettings, *, base_path: str, token: str) -> Recipe:
        return Recipe(("serve", base_path, token, "{ip}", "{port}"), {}, 8888, ())

    def asks_token(self, pool: PoolSettings) -> bool:
        return True

    def credential(self, token: str) -> tuple[tuple[str, str], ...]:
        return (("Authorization", f"token {token}"),)

    def entry(self, pool: PoolSettings) -> str:
        return pool.entry

    async def probe(self, http: aiohttp.ClientSession, upstream: Upstream, pool: PoolSettings) -> bool:
        return self.answers

    async def warm(
        self,
        http: aiohttp.ClientSession,
        upstream: Upstream,
        pool: PoolSettings,
        tell: Callable[[str], None] = unheard,
    ) -> Warmed:
        self.warmed.append(upstream.origin)
        if self.warm_error is not None:
            raise self.warm_error
        return self.found

    async def is_busy(self, http: aiohttp.ClientSession, upstream: Upstream) -> bool:
        return self.busy

    def is_activity(self, method: str, path: str) -> bool:
        return method != "HEAD"

    def amends(self, method: str, path: str) -> bool:
        return False

    async def amend(self, http: aiohttp.ClientSession, upstream: Upstream, body: bytes) -> bytes:
        return body

    def hides_secret(self, path: str, status: int) -> bool:
        return True

    def page_script(self, path: str) -> bytes:
        return b""

    def is_asset(self, path: str, query: str) -> bool:
        return path.startswith("static/")


class House:
    """Pools, roster and journal on a clock of the test's.

    `ids` and `clock` are those of an earlier house where this one stands for the same gateway, started again;
    `kind` is what its servers do.
    """

    def __init__(
        self,
        folder: Path,
        *pools: PoolSettings,
        budget: int = 100 * 512 * MIB,
        ids: Iterator[int] | None = None,
        clock: Clock | None = None,
        kind: ScriptedKind | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self._ports = iter(CLOSED_PORTS)
        self.kind = kind or ScriptedKind()
        counter = ids or itertools.count(1)
        self.identities = Identities("secret of the tests", lambda size: next(counter).to_bytes(size, "big"))
        self.registry = CollectorRegistry()
        settings = pools or (PoolSettings(),)
        self.metrics = PoolMetrics(self.registry, [pool.name for pool in settings])
        self.roster = Roster(budget)
        self.journal = Journal(folder / "journal.jsonl")
        self.replay = self.journal.open()
        self.on_change: Callable[[], None] = lambda: None
        self.line = Line(1000)
        self.pools = Pools(
            [Pool(pool, self.kind, pool.warm) for pool in settings],
            kinds={self.kind.name: self.kind},
            roster=self.roster,
            journal=self.journal,
            identities=self.identities,
            metrics=self.metrics,
            clock=self.clock,
            on_change=lambda: self.on_change(),  # noqa: PLW0108 - a test sets it later
        )
        self.waiting = Waiting(
            self.pools,
            self.line,
            new_id=lambda: f"ticket {next(counter)}",
            metrics=self.metrics,
            starts_at_once=2,
            clock=self.clock,
        )

    def warm(self, pool: str = "jupyter", address: Address | None = None) -> Instance:
        """Put one more warm instance into a pool, as if an engine had made it."""
        found = self.pools.get(pool)
        if not found.generation:
            found.resolved("image")
        instance = found.new_instance(self.identities.new_instance_id(), self.clock.now)
        self.roster.begin(instance)
        tag = found.tag(instance, "test", "", self.identities.fingerprint)
        self.pools.introduce(tag, address or Address("127.0.0.1", next(self._ports)))
        self.roster.step(instance.id, State.WARMING, self.clock.now)
        return self.roster.step(instance.id, State.WARM, self.clock.now)
