"""CPU, rate and memory of large bodies."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from bench.cost import cpu_seconds, memory, peak_rss, reset_peak
from bench.measures.measure import Column, Measure
from bench.measures.requests import load
from bench.peers.program import module, output_of

if TYPE_CHECKING:
    from bench.measures.measure import Plan, Values
    from bench.peers.peer import Front

MIB = 2**20
HUGE = 2**30
CONNECTIONS = 4
TRANSFER_LIMIT = 120.0
"""Seconds a body of 1 GiB may take."""


async def medium(front: Front, plan: Plan) -> Values:
    """Fetch bodies of 1 MiB."""
    done, cost = await load(front, plan, f"bytes-{MIB}", CONNECTIONS, {})
    return {"cpu": cost, "rate": done.rate}


async def huge(front: Front, plan: Plan, way: str) -> Values:
    """Move one body of 1 GiB. Memory grows by the peak during it less what there was before."""
    path = f"bytes-{HUGE}" if way == "get" else "sink"
    before, rss = cpu_seconds(front.pids), memory(front.pids).rss
    reset_peak(front.pids)
    command = module("bench.load.transfer", way, front.url + path, HUGE)
    done = json.loads(await output_of(command, limit=TRANSFER_LIMIT, cpu=plan.cpus.load))
    used, mib = cpu_seconds(front.pids) - before, HUGE / MIB
    rate = mib / done["seconds"]
    if not front.pids:
        return {"cpu": None, "rate": rate, "grown": None}
    return {"cpu": used / mib * 1e6, "rate": rate, "grown": (peak_rss(front.pids) - rss) / MIB}


COLUMNS = (Column("cpu", "CPU µs a MiB", 0), Column("rate", "MiB/s", 0))
GROWING = (*COLUMNS, Column("grown", "RSS growth, MiB"))

MEASURES = (
    Measure(
        "body",
        "get_1mib",
        "GET of 1 MiB",
        COLUMNS,
        "cpu",
        medium,
        f"wrk, {CONNECTIONS} connections kept alive.",
        rounds=3,
    ),
    Measure(
        "body",
        "get_1gib",
        "GET of 1 GiB",
        GROWING,
        "cpu",
        partial(huge, way="get"),
        "One connection; the most the peer's memory grew meanwhile.",
        rounds=2,
    ),
    Measure(
        "body",
        "put_1gib",
        "PUT of 1 GiB",
        GROWING,
        "cpu",
        partial(huge, way="put"),
        "One connection; the most the peer's memory grew meanwhile.",
        rounds=2,
    ),
)
