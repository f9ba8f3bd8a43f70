"""What the pools count. Bound once per pool, so that a count costs well under a microsecond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from pool.core.states import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus_client import CollectorRegistry


START_SECONDS = (0.5, 1, 2, 3, 5, 8, 13, 21, 34, 55, 90)
WAIT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
AGE_SECONDS = (1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600)


class PoolMetrics:
    """Counters of all pools. Session and instance ids are never labels."""

    def __init__(self, registry: CollectorRegistry, pools: Sequence[str]) -> None:
        self.tickets = Counter(
            "warmgate_tickets",
            "Places in line that led to a notebook, or were given up",
            ["pool", "outcome"],
            registry=registry,
        )
        self.hits = Counter("warmgate_pool_hits", "Visitors served at once", ["pool"], registry=registry)
        self.misses = Counter(
            "warmgate_pool_misses", "Visitors who found the pool empty", ["pool"], registry=registry
        )
        self.wait = Histogram(
            "warmgate_wait_seconds",
            "From a visitor's wish, or their place in line, to a checked instance",
            ["pool"],
            buckets=WAIT_SECONDS,
            registry=registry,
        )
        self.age = Histogram(
            "warmgate_age_at_assignment_seconds",
            "How long an instance had been there when it was assigned",
            ["pool"],
            buckets=AGE_SECONDS,
            registry=registry,
        )
        self.start = Histogram(
            "warmgate_start_seconds",
            "From the decision to start an instance until it is warm",
            ["pool"],
            buckets=START_SECONDS,
            registry=registry,
        )
        self.start_failures = Counter(
            "warmgate_start_failures", "Starts that did not end warm", ["pool"], registry=registry
        )
        self.recycled = Counter(
            "warmgate_recycled", "Instances removed, by reason", ["pool", "reason"], registry=registry
        )
        self.out_of_memory = Counter(
            "warmgate_out_of_memory",
            "Instances in which a kernel, or the whole, was killed for memory",
            ["pool"],
            registry=registry,
        )
        self.engine_up = Gauge("warmgate_engine_up", "1 while the engine answers", registry=registry)
        for pool in pools:
            self.expect(pool)

    def expect(self, pool: str) -> None:
        """Begin every series of a pool: one that appears only with its first event cannot be alerted on."""
        for metric in (self.hits, self.misses, self.wait, self.age, self.start, self.start_failures):
            metric.labels(pool)
        self.out_of_memory.labels(pool)
        for reason in Reason:
            self.recycled.labels(pool, reason)
        for outcome in ("served", "left"):
            self.tickets.labels(pool, outcome)
