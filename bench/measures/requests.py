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


async def small(front: Front, plan: Plan, connections: int, fields: Mapping[str, str]) -> Values:
    """Load the page of 1 KiB; latencies in microseconds."""
    done, cost = await load(front, plan, "page", connections, fields)
    p50, p99 = done.p50 * 1e6, done.p99 * 1e6
    return {"cpu": cost, "rate": done.rate, "p50": p50, "p99": p99, "p50_added": p50, "p99_added": p99}


COST = (Column("cpu", "CPU µs a request"), Column("rate", "requests/s", 0))
LATENCY = (
    Column("p50", "p50, µs", 0),
    Column("p99", "p99, µs", 0),
    Column("p50_added", "p50 added, µs", 0),
    Column("p99_added", "p99 added, µs", 0),
)
ADDED = ("p50_added", "p99_added")
NOTE_ADDED = "added: less what the direct way took in the same round"

MEASURES = (
    Measure(
        "get",
        "get",
        "GET of 1 KiB, bare head",
        (*COST, *LATENCY),
        "cpu",
        partial(small, connections=CONNECTIONS, fields={}),
        f"wrk, {CONNECTIONS} connections kept alive, no fields but Host, full load; {NOTE_ADDED}.",
        added=ADDED,
    ),
    Measure(
        "get",
        "get_browser",
        "GET of 1 KiB, a browser's head",
        COST,
        "cpu",
        partial(small, connections=CONNECTIONS, fields=BROWSER),
        f"wrk, {CONNECTIONS} connections kept alive, {len(BROWSER) + 1} fields as Chromium sends them.",
        rounds=3,
    ),
    Measure(
        "latency",
        "latency_1",
        "Latency at one connection",
        LATENCY,
        "p50_added",
        partial(small, connections=1, fields={}),
        f"wrk --latency, GET of 1 KiB, one connection kept alive; {NOTE_ADDED}.",
        added=ADDED,
    ),
)
