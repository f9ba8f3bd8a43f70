"""The composition root: builds settings, engine, pool and routes. Nothing else constructs them."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

import aiohttp
from prometheus_client import CollectorRegistry

from config import Charge, ensure_secret
from gateway.assets.cache import Assets
from gateway.assets.metrics import AssetMetrics
from gateway.assignment import Assigner
from gateway.clients import Clients
from gateway.limits import Limits
from gateway.metrics import GatewayMetrics, SiteCollector
from gateway.operating.recent import Recent
from gateway.operating.recent_errors import RecentErrors
from gateway.previews.previews import Previews
from gateway.proxy.origins import Origins
from gateway.proxy.visitor import Visitors
from gateway.release import Releases
from gateway.session_hosts import session_hosts
from gateway.site import Site
from pool.collector import PoolCollector
from pool.core.line import Line
from pool.core.roster import Roster
from pool.freezer import Freezer
from pool.identity import Identities
from pool.journal import Journal
from pool.keeper import Keeper
from pool.kinds.registry import KINDS
from pool.memory import HostWatch
from pool.meter import Meter
from pool.metrics import PoolMetrics
from pool.observer import Observer
from pool.pool import Pool
from pool.pools import Pools
from pool.starter import Starter
from pool.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config import Settings
    from pool.engines.engine import Engine

TICKET_BYTES = 18
"""Randomness of a ticket's id: whoever shows one gets the notebook."""

CONNECT_LIMIT = 5.0
"""Seconds for reaching an instance's socket while it is probed or warmed."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that runs, put together and not yet started."""

    site: Site
    releases: Releases
    visitors: Visitors
    registry: CollectorRegistry
    metrics: GatewayMetrics
    keeper: Keeper
    journal: Journal
    engine: Engine
    http: aiohttp.ClientSession


def in_background(work: Callable[[], None]) -> None:
    """Do something that takes the processor for long, beside what visitors wait for."""
    asyncio.get_running_loop().run_in_executor(None, work)


def build(
    settings: Settings, engine: Engine, state_dir: Path, total: int, load: Callable[[], Settings]
) -> Gateway:
    """Put the parts together inside a running loop.

    `total` is the budget in bytes; `load` reads the settings anew for a release.
    """
    secret = ensure_secret(state_dir, settings.gateway.secret)
    clock = time.monotonic
    identities = Identities(secret.get_secret_value(), os.urandom)
    registry = CollectorRegistry()
    names = [pool.name for pool in settings.pools]
    public_url, domain = settings.gateway.public_url, settings.gateway.session_domain
    visitors = Visitors.at(public_url, domain, settings.gateway.trusted_proxies)
    hosts = session_hosts(public_url, domain)
    metrics = PoolMetrics(registry, names)
    roster = Roster(total)
    journal = Journal(state_dir / "journal.jsonl")
    http = aiohttp.ClientSession(
        # No connection outlives its request: an address may soon belong to another instance.
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_LIMIT),
    )
    plan_soon = asyncio.Event()
    pools = Pools(
        [Pool(pool, KINDS[pool.kind], pool.warm) for pool in settings.pools],
        kinds=KINDS,
        roster=roster,
        journal=journal,
        identities=identities,
        metrics=metrics,
        clock=clock,
        on_change=plan_soon.set,
    )
    waiting = Waiting(
        pools,
        Line(settings.limits.tickets),
        new_id=lambda: secrets.token_urlsafe(TICKET_BYTES),
        metrics=metrics,
        starts_at_once=settings.engine.start_concurrency,
        clock=clock,
    )
    host = HostWatch(settings.memory.reserve)
    registry.register(PoolCollector(roster, pools, waiting.line, host))
    freezer = Freezer(engine, roster, clock)
    meter = Meter(engine, pools, active=settings.memory.charge is Charge.MEASURED)
    limits = Limits(
        sessions_per_address=settings.limits.sessions_per_address,
        spawns_per_minute=settings.limits.spawns_per_minute,
        clock=clock,
    )
    observer = Observer(
        pools,
        engine,
        freezer=freezer,
        meter=meter,
        metrics=metrics,
        fingerprint=identities.fingerprint,
        clock=clock,
        on_look=plan_soon.set,
    )
    starter = Starter(
        engine,
        http,
        pools,
        identities,
        gateway_id=settings.engine.gateway_id,
        prefix=hosts.prefix,
        clock=clock,
    )
    keeper = Keeper(
        pools,
        engine,
        observer,
        starter,
        http,
        plan_soon,
        waiting=waiting,
        freezer=freezer,
        meter=meter,
        host=host,
        identities=identities,
        metrics=metrics,
        start_concurrency=settings.engine.start_concurrency,
        clock=clock,
        rng=SystemRandom(),
    )
    recent = Recent(names, clock)
    site = Site(
        settings=settings,
        prefix=hosts.prefix,
        session_hosts=hosts,
        pools=pools,
        assigner=Assigner(
            pools,
            waiting,
            freezer,
            limits,
            on_engine_failure=observer.failed,
            recent=recent,
            metrics=metrics,
            clock=clock,
        ),
        waiting=waiting,
        host=host,
        clients=Clients(visitors),
        origins=Origins(settings.gateway.embed_origins, hosts.framing),
        observer=observer,
        engine=engine,
        identities=identities,
        http=http,
        clock=clock,
        assets=Assets(pools, http, AssetMetrics(registry), budget=settings.gateway.asset_cache, clock=clock),
        previews=Previews(pools, in_background),
        recent=recent,
        errors=RecentErrors(time.time),
    )
    registry.register(SiteCollector(site))
    releases = Releases(site, load, meter=meter, host=host, limits=limits)
    return Gateway(
        site, releases, visitors, registry, GatewayMetrics(registry), keeper, journal, engine, http
    )
