"""What every route needs to know of the running gateway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.assignment import Caller
from pool.core.states import PREPARING, READY, State
from pool.errors import ImageMissing, StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp
    from aiohttp import web

    from config import Settings
    from gateway.assets.cache import Assets
    from gateway.assignment import Assigner
    from gateway.clients import Clients
    from gateway.operating.recent import Recent
    from gateway.operating.recent_errors import RecentErrors
    from gateway.previews.previews import Previews
    from gateway.proxy.origins import Origins
    from gateway.session_hosts import SessionHosts
    from pool.engines.engine import Engine
    from pool.identity import Identities
    from pool.memory import HostWatch
    from pool.observer import Observer
    from pool.pool import Pool
    from pool.pools import Pools
    from pool.session import Session
    from pool.waiting import Waiting


@dataclass(slots=True)
class Site:
    """The parts, put together by gateway.app and handed to the routes."""

    settings: Settings
    """Replaced at a release."""
    prefix: str
    """The path of `public_url`: empty, or `/path`."""
    session_hosts: SessionHosts
    """Which host each session is met on."""
    pools: Pools
    assigner: Assigner
    waiting: Waiting
    host: HostWatch
    clients: Clients
    origins: Origins
    observer: Observer
    engine: Engine
    identities: Identities
    http: aiohttp.ClientSession
    """For what a kind asks of its server; visitors' requests go by the relay."""
    clock: Callable[[], float]
    assets: Assets
    """Static files, answered without asking an instance."""
    previews: Previews
    """What each pool's notebook shows before anybody opens it."""
    recent: Recent
    """What visitors met in the last hour."""
    errors: RecentErrors
    """What the log complained of lately."""

    def caller(self, request: web.Request) -> Caller:
        """Return who asks."""
        return Caller(self.clients.of(request), gone=lambda: request.transport is None)

    def handed_over(self, session: Session) -> dict[str, Any]:
        """Return what a program is told of the session it gets; times are seconds."""
        base = self.session_base(session.id)
        return {
            "url": base,
            "entry": base + session.entry,
            "pool": session.pool,
            "idle_timeout": session.idle_timeout,
            "max_age": round(session.ends_at - self.clock()),
        }

    def session_base(self, session_id: str) -> str:
        """Return a session's address, which ends with a slash; absolute where it has a host of its own."""
        return self.session_hosts.base(session_id, self.identities.host_label(session_id))

    @property
    def frame_sources(self) -> str:
        """What a page that frames a session writes for `frame-src` (CSP3 section 6.1.5)."""
        return self.session_hosts.sources

    def title(self, name: str) -> str:
        """Return what people call a pool."""
        return self.previews.find(name).title

    def path(self, tail: str) -> str:
        """Return a path of ours as a browser must ask for it."""
        return f"{self.prefix}{tail}"

    def trouble(self, name: str) -> str:
        """Return a sentence for those in line while their pool can start nothing, else an empty one."""
        pool = self.pools.peek(name)
        if self.observer.error is not None:
            return self.observer.error.visitor
        if self.host.strained:
            return "This site is short of memory right now. Notebooks are opened again when there is room."
        if pool is None or pool.image_error:
            return ImageMissing.visitor
        return StartFailed.visitor if self.pools.roster.health(name).failures else ""

    def occupancy(self, pool: Pool) -> dict[str, Any]:
        """Return how many instances of a pool are where, and how many there can be."""
        census = self.pools.roster.census(pool.name)
        shown = self.previews.find(pool.name)
        return {
            "name": pool.name,
            "title": shown.title,
            "description": shown.description,
            "available": sum(census[state] for state in READY),
            "starting": sum(census[state] for state in PREPARING),
            "assigned": census[State.ASSIGNED],
            "waiting": self.waiting.line.waiting(pool.name),
            "capacity": min(pool.settings.max, self.pools.roster.budget // pool.settings.memory),
        }

    def occupancies(self) -> list[dict[str, Any]]:
        """Return the same for all pools, in the order of the configuration."""
        return [self.occupancy(pool) for pool in self.pools]

    def readiness(self) -> tuple[bool, list[str]]:
        """Return whether a visitor can be served now, and everything the operator should know."""
        reasons = []
        ready = True
        if self.observer.error is not None:
            ready = False
            reasons.append(f"engine: {self.observer.error}")
        elif not self.pools.adopted:
            ready = False
            reasons.append("instances of an earlier run are being looked for")
        if self.host.strained:
            reasons.append(
                "memory: less than `reserve` is available, or programs wait for it; nothing is warmed"
            )
        if self.pools.journal_error is not None:
            ready = False
            reasons.append(f"journal: {self.pools.journal_error}")
        for pool in self.pools:
            if pool.image_error:
                reasons.append(f"pool {pool.name}: {pool.image_error}")
            health = self.pools.roster.health(pool.name)
            if health.failures:
                reasons.append(f"pool {pool.name}: {health.failures} failed starts in a row: {health.error}")
            if pool.warm and not self.occupancy(pool)["available"]:
                ready = False
                reasons.append(f"pool {pool.name}: no warm instance")
        return ready, reasons
