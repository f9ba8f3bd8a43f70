"""CPU and rate of small GETs, and what a peer adds to their latency. The load is wrk's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bench.cost import cpu_seconds
from bench.load import wrk
from bench.measures.measure import Column, Measure
from bench.peers.program import output_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.measures.measure import Plan, Values
    from bench.peers.peer import Front

MARGIN = 20.0
"""Seconds wrk may take beyond its run."""
CONNECTIONS = 32
BROWSER = {
    "Connection": "keep-alive",
    "Cache-Control": "max-age=0",
    "sec-ch-ua": '"Chromium";v="142", "Not?A_Brand";v="24"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Linux"',
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",  # noqa: E501 - one value
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-User": "?1",
    "Sec-Fetch-Dest": "document",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9",
}
"""The fields Chromium sends with a page, beside Host."""


async def load(
    front: Front, plan: Plan, path: str, connections: int, fields: Mapping[str, str]
) -> tuple[wrk.Load, float | None]:
    """Load a path; return what wrk says and the peer's CPU microseconds a request.

    Raises RuntimeError when a request failed: a peer that refuses is cheap.
    """
    command = wrk.arguments(front.url + path, connections=connections, seconds=plan.seconds, fields=fields)
    before = cpu_seconds(front.pids)
    done = wrk.parse(await output_of(command, limit=plan.seconds + MARGIN, cpu=plan.cpus.load))
    used = cpu_seconds(front.pids) - before
    if done.errors:
        raise RuntimeError(f"{done.errors} of {done.requests} requests failed")
    return done, used / done.requests * 1e6 if front.pids else None


async def small(front: Front, plan: Plan, fields: Mapping[str, str]) -> Values:
    """Load the page of 1 KiB."""
    done, cost = await load(front, plan, "page", CONNECTIONS, fields)
    return {"cpu": cost, "rate": done.rate}


async def latency(front: Front, plan: Plan, connections: int) -> Values:
    """Return how long the page takes, in microseconds."""
    done, _ = await load(front, plan, "page", connections, {})
    return {"p50": done.p50 * 1e6, "p99": done.p99 * 1e6}


SMALL = (Column("cpu", "CPU µs a request"), Column("rate", "requests/s", 0))
ADDED = (Column("p50", "p50 added, µs", 0), Column("p99", "p99 added, µs", 0))

MEASURES = (
    Measure(
        "get",
        "get",
        "GET of 1 KiB, bare head",
        SMALL,
        "cpu",
        partial(small, fields={}),
        f"{CONNECTIONS} connections kept alive, wrk's two fields.",
    ),
    Measure(
        "get",
        "get_browser",
        "GET of 1 KiB, a browser's head",
        SMALL,
        "cpu",
        partial(small, fields=BROWSER),
        f"{CONNECTIONS} connections kept alive, the {len(BROWSER) + 1} fields Chromium sends with a page.",
    ),
    Measure(
        "latency",
        "latency_1",
        "Added latency, one connection",
        ADDED,
        "p50",
        partial(latency, connections=1),
        "wrk --latency, GET of 1 KiB, less what the direct way took in the same round.",
        added=("p50", "p99"),
    ),
    Measure(
        "latency",
        "latency_32",
        f"Added latency, {CONNECTIONS} connections",
        ADDED,
        "p50",
        partial(latency, connections=CONNECTIONS),
        "The same under full load: mostly the time spent in the peer's queue.",
        added=("p50", "p99"),
    ),
)
