"""A cache of assets over pools without a network."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.assets.cache import Assets
from gateway.assets.limits import Limits
from gateway.assets.metrics import AssetMetrics
from gateway.proxy.paths import SessionPath
from tests.unit.gateway.assets.making import LONG, request, rules

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from gateway.assets.asset import Refusal
    from pool.session import Session
    from tests.support.house import House
    from tests.support.virtual_loop import VirtualLoop

LIMITS = Limits(fetch=10.0, patience=120.0, wanted=3, by_session=5, refused_for=600.0)
SOON = 5.0
"""Seconds in which all is fetched that can be."""


@dataclass
class Response:
    """An instance's answer, as aiohttp shows it."""

    body: bytes
    status: int = 200
    fields: tuple[tuple[bytes, bytes], ...] = (LONG,)

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        return ((b"Content-Length", b"%d" % len(self.body)), *self.fields)

    async def read(self) -> bytes:
        return self.body


@dataclass
class Stage:
    """A cache whose fetches lead here. `seconds` is how long one takes; `meanwhile` is done in that time."""

    house: House
    loop: VirtualLoop
    response: Response = field(default_factory=lambda: Response(b"good"))
    seconds: float = 0.1
    meanwhile: Callable[[], object] = lambda: None
    error: Exception | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        http: Any = self
        self.metrics = AssetMetrics(self.house.registry)
        self.assets = Assets(
            self.house.pools, http, self.metrics, budget=2**20, clock=self.house.clock, limits=LIMITS
        )

    @asynccontextmanager
    async def get(self, url: Any, *, headers: dict[str, str], **_: Any) -> AsyncIterator[Response]:
        self.asked.append((str(url), headers))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
            self.meanwhile()
            if self.error is not None:
                raise self.error
            yield self.response
        finally:
            self.at_once -= 1

    def find(self, session: Session, name: str = "a.js", **more: Any) -> bool:
        """Ask as a session; return whether the cache answers."""
        place = SessionPath(session.id, b"static/" + name.encode())

        async def ask() -> bool:
            return self.assets.find(request(**more), place, session, rules()) is not None

        return self.loop.run_until_complete(ask())

    def pass_time(self, seconds: float = SOON) -> None:
        self.loop.pass_time(seconds)

    def visit(self, pool: str = "jupyter") -> Session:
        """Let a visitor have an instance of their own."""
        self.house.warm(pool)
        return self.house.pools.assign(pool)

    def count(self, name: str, **labels: str) -> float:
        return self.house.registry.get_sample_value(f"warmgate_assets_{name}", labels) or 0.0

    def refused(self, refusal: Refusal) -> float:
        return self.count("refused_total", reason=refusal.value)
