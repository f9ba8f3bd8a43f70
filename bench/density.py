"""How many warm notebooks a budget holds: each charged its limit, against each charged what it measures.

Fills a pool of real Jupyter to the brim in both modes, one after the other. Then, where charges are measured,
visitors come one after another until the budget holds no more sessions: an instance with a visitor is charged
its limit, so warm ones have to make room.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import aiohttp
import psutil
from rich.table import Table

from bench.line import stand
from bench.notebook import MEMORY, jupyter_pool
from bench.report import machine, tell
from bench.running import READY, RunningGateway
from bench.visitor import Visitor
from bench.watching import EVERY, at_rest, look, watched
from config.units import parse_size

if TYPE_CHECKING:
    from bench.watching import Sight

MIB, GIB = 2**20, 2**30
QUIET = 12.0
"""Seconds without a change after which the pool is full: longer than the gateway's rounds are apart."""
FILL_LIMIT = 1800.0
"""Seconds a pool may take to fill: a hundred starts on a busy machine."""
LOOKS = 15
"""The median of so many looks is what the machine has available."""


@dataclass(frozen=True, slots=True)
class Full:
    """A pool that is full. Sizes are bytes."""

    charge: str
    ready: int
    budget: int
    charged: int
    measured: int
    """What the engine measures of all instances together."""
    taken: int
    """By how much the machine had less memory available than before the first start."""
    seconds: float
    """From the first start to the last change."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visitor of a full pool, and what there was when they had their notebook."""

    waited: float
    """Seconds from the click to the notebook's address."""
    evicted: int
    """Ready instances that had made room, and were gone, since the visitor before."""
    ready: int
    charged: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Rush:
    """All visitors, the peaks while they came, and what was left when everything was at rest again."""

    visits: tuple[Visit, ...]
    evicted: int
    ready: int
    looks: int
    overdrawn: int
    charged: int


async def available() -> int:
    """Return the bytes the machine has available, whatever a moment's work takes."""
    looks = []
    for _ in range(LOOKS):
        looks.append(psutil.virtual_memory().available)
        await asyncio.sleep(EVERY)
    return int(median(looks))


async def fill(gateway: RunningGateway, most: int) -> Full:
    """Let a pool that holds nothing grow until it is full; return what it is then."""
    before = await available()
    began = time.monotonic()
    await gateway.admin_json("/api/pools/jupyter/scale", "POST", json={"warm": most})
    still = await at_rest(gateway, quiet=QUIET, limit=FILL_LIMIT)
    seconds = time.monotonic() - began - still
    taken = before - await available()
    told = await gateway.admin_json("/api/instances")
    return Full(
        charge=gateway.charge,
        ready=sum(instance["state"] in READY for instance in told["instances"]),
        budget=told["budget"],
        charged=told["charged"],
        measured=sum(instance["measured"] or 0 for instance in told["instances"]),
        taken=taken,
        seconds=seconds,
    )


async def rush(gateway: RunningGateway, visitors: int) -> Rush:
    """Let visitors come one after another, each staying; the next comes when the last has their notebook."""
    visits: list[Visit] = []

    async def seen() -> tuple[Sight, int]:
        sight = await look(gateway, http)
        return sight, int(sight.sum("warmgate_recycled_total", reason="evicted"))

    async with aiohttp.ClientSession() as http, watched(gateway) as peaks:
        _, before = await seen()
        evicted = before
        for _ in range(visitors):
            async with Visitor(gateway.base) as visitor:
                stay = await stand(visitor)
                await visitor.get("")
            sight, total = await seen()
            visits.append(Visit(stay.waited, total - evicted, sight.count(*READY), sight.charged))
            evicted = total
        await at_rest(gateway, quiet=QUIET, limit=FILL_LIMIT)
        sight, total = await seen()
    return Rush(
        visits=tuple(visits),
        evicted=total - before,
        ready=sight.count(*READY),
        looks=peaks.looks,
        overdrawn=peaks.overdrawn,
        charged=peaks.charged,
    )


async def measure(budget: int, most: int, visitors: int) -> dict[str, Any]:
    """Run both modes and return everything the report needs."""
    about = machine()
    full: dict[str, Full] = {}
    came: Rush | None = None
    with tempfile.TemporaryDirectory(prefix="warmgate-bench-") as folder:
        for charge in ("limit", "measured"):
            pool = jupyter_pool(warm=0, most=most, hot=1)
            gateway = RunningGateway(
                Path(folder) / charge, pool, budget=str(budget), charge=charge, wait_ready=False
            )
            async with gateway:
                full[charge] = await fill(gateway, most)
                if charge == "measured":
                    came = await rush(gateway, visitors)
    if full["measured"].ready >= most:
        raise RuntimeError(f"not the budget but --most {most} was the bound")
    return {
        "machine": about,
        "limit_of_one": MEMORY,
        "full": {charge: asdict(one) for charge, one in full.items()},
        "measured_over_limit": round(full["measured"].ready / full["limit"].ready, 2),
        "visitors": None if came is None else asdict(came),
    }


def fills(report: dict[str, Any]) -> Table:
    """Return what the budget held as a table."""
    budget, limit = report["full"]["limit"]["budget"], report["limit_of_one"]
    shown = Table(
        title=f"Warm Jupyter limited to {limit / MIB:.0f} MiB in {budget / GIB:.3g} GiB (MiB)",
        caption=f"measured holds {report['measured_over_limit']} times what limit holds",
    )
    shown.add_column("charge")
    for name in ("warm", "charged", "measured", "each", "each takes", "seconds", "a GiB"):
        shown.add_column(name, justify="right")
    for charge, one in report["full"].items():
        shown.add_row(
            charge,
            str(one["ready"]),
            f"{one['charged'] / MIB:,.0f}",
            f"{one['measured'] / MIB:,.0f}",
            f"{one['measured'] / one['ready'] / MIB:.1f}",
            f"{one['taken'] / one['ready'] / MIB:.1f}",
            f"{one['seconds']:.0f}",
            f"{one['ready'] / one['budget'] * GIB:.1f}",
        )
    return shown


def visits(report: dict[str, Any]) -> Table:
    """Return what the visitors made of it as a table."""
    rush, budget = report["visitors"], report["full"]["measured"]["budget"]
    shown = Table(
        title="Visitors one after another, charges measured",
        caption=f"once at rest {rush['evicted']} evicted, {rush['ready']} warm; "
        f"at most {rush['charged'] / MIB:,.0f} of {budget / MIB:,.0f} MiB charged, "
        f"more than that in {rush['overdrawn']} of {rush['looks']} looks",
    )
    for name in ("visitor", "waited, ms", "warm evicted", "warm left", "charged, MiB"):
        shown.add_column(name, justify="right")
    for number, one in enumerate(rush["visits"], 1):
        cells = (number, f"{one['waited'] * 1000:,.0f}", one["evicted"], one["ready"])
        shown.add_row(*map(str, cells), f"{one['charged'] / MIB:,.0f}")
    return shown


def main() -> None:
    """Measure how many warm notebooks a budget holds, on Docker."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--budget", type=parse_size, default=4 * GIB, help="bytes for all instances (4GiB)")
    parser.add_argument("--most", type=int, default=0, help="the pool's max (0: a warm one per 48 MiB)")
    parser.add_argument("--visitors", type=int, default=0, help="who come then (0: all the budget holds)")
    parser.add_argument("--out", type=Path, default=Path("bench/out/density.json"), help="for the numbers")
    given = parser.parse_args()
    most = given.most or given.budget // (48 * MIB)
    visitors = given.visitors or given.budget // MEMORY
    report = asyncio.run(measure(given.budget, most, visitors))
    tell(report, [fills(report), visits(report)], given.out)


if __name__ == "__main__":
    main()
