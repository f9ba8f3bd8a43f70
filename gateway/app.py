"""The composition root: builds settings, engine, pool and routes. Nothing else constructs them."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from prometheus_client import CollectorRegistry

from config import ConfigError, Problem, ensure_secret
from gateway.assignment import Assigner
from gateway.metrics import GatewayMetrics
from gateway.site import Site
from pool import memory
from pool.core import budget
from pool.core.roster import Roster
from pool.identity import Identities
from pool.journal import Journal
from pool.keeper import Keeper
from pool.kinds.registry import KINDS
from pool.metrics import PoolMetrics, RosterCollector
from pool.observer import Observer
from pool.pool import Pool
from pool.pools import Pools
from pool.starter import Starter

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings
    from pool.engines.engine import Engine

CONNECT_LIMIT = 5.0
"""Seconds for reaching an instance's socket while it is probed or warmed."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that runs, put together and not yet started."""

    site: Site
    registry: CollectorRegistry
    metrics: GatewayMetrics
    keeper: Keeper
    journal: Journal
    engine: Engine
    http: aiohttp.ClientSession


def resolved_budget(settings: Settings, memory_total: int = 0) -> int:
    """Return the budget in bytes. Raises ConfigError when it does not hold one instance of each pool."""
    configured = settings.memory.budget
    available = memory.available()
    if memory_total:
        available = min(available, memory_total)
    total = budget.resolve(
        None if configured == "auto" else int(configured),
        available=available,
        reserve=settings.memory.reserve,
    )
    largest = max(settings.pools, key=lambda pool: pool.memory)
    if largest.memory > total:
        raise ConfigError(
            Problem(
                "memory.budget",
                f"{configured} ({total // 2**20} MiB)",
                f"at least {largest.memory // 2**20} MiB, the memory of one instance of pool {largest.name}",
            )
        )
    return total


def build(settings: Settings, engine: Engine, state_dir: Path, total: int) -> Gateway:
    """Put the parts together inside a running loop. `total` is the budget in bytes."""
    secret = ensure_secret(state_dir, settings.gateway.secret)
    clock = time.monotonic
    identities = Identities(secret.get_secret_value(), os.urandom)
    registry = CollectorRegistry()
    names = [pool.name for pool in settings.pools]
    metrics = PoolMetrics(registry, names)
    roster = Roster(total)
    registry.register(RosterCollector(roster, names))
    journal = Journal(state_dir / "journal.jsonl")
    prefix = urlsplit(settings.gateway.public_url).path.rstrip("/")
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
    observer = Observer(
        pools,
        engine,
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
        prefix=prefix,
        clock=clock,
    )
    keeper = Keeper(
        pools,
        engine,
        observer,
        starter,
        http,
        plan_soon,
        identities=identities,
        metrics=metrics,
        start_concurrency=settings.engine.start_concurrency,
        clock=clock,
        rng=SystemRandom(),
    )
    site = Site(
        settings=settings,
        prefix=prefix,
        pools=pools,
        assigner=Assigner(pools, metrics, clock),
        observer=observer,
        engine=engine,
        http=http,
        clock=clock,
    )
    return Gateway(site, registry, GatewayMetrics(registry), keeper, journal, engine, http)
