"""What pausing saves and what it costs: CPU of warm instances at rest, and the wait from a click.

Both kinds live behind one gateway at the same time: ten that all run, ten that are all paused. First nobody
comes and the engine's own count of their CPU time is read twice; then visitors come to the one and to the
other in turn.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from rich.console import Console
from rich.table import Table

from bench.notebook import MEMORY, Waits, jupyter_pool, visit
from bench.report import QUANTILES, machine, summary, tell
from bench.running import RunningGateway
from bench.watching import EVERY, look
from pool.engines.docker_calls import open_client, stats, version
from pool.engines.engine import LABEL_GATEWAY, LABEL_POOL

if TYPE_CHECKING:
    import aiodocker

POOLS = {"running": "warm", "paused": "paused"}
"""Each pool's name, and the state of its instances while nobody comes."""
SETTLE = 15.0
"""Seconds after which a server that was just made has finished what it does at first."""
REST_LIMIT = 900.0
"""Seconds until both pools must be full and still."""
WHAT = {"page": "to the page", "result": "to the first cell's result"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A container's CPU time since its start, and when the engine read it; both in seconds."""

    cpu: float
    at: float


async def full_and_still(gateway: RunningGateway, count: int) -> None:
    """Wait until each pool holds `count` instances, all in the state that belongs to it."""
    async with asyncio.timeout(REST_LIMIT), aiohttp.ClientSession() as http:
        while True:
            sight = await look(gateway, http)
            if all(
                sight.count(pool=pool) == sight.count(state, pool=pool) == count
                for pool, state in POOLS.items()
            ):
                return
            await asyncio.sleep(EVERY)


async def readings(docker: aiodocker.Docker, gateway_id: str) -> dict[str, dict[str, Reading]]:
    """Return a reading of each container, by pool."""
    found = await docker.containers.list(filters={"label": [f"{LABEL_GATEWAY}={gateway_id}"]})
    samples = await asyncio.gather(*(stats(docker, container.id) for container in found))
    result: dict[str, dict[str, Reading]] = defaultdict(dict)
    for container, sample in zip(found, samples, strict=True):
        result[container["Labels"][LABEL_POOL]][container.id] = Reading(
            cpu=sample["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
            at=datetime.fromisoformat(sample["read"]).timestamp(),
        )
    return result


def shares(before: dict[str, Reading], after: dict[str, Reading]) -> list[float]:
    """Return what share of one core each container used. Raises RuntimeError when they are not the same."""
    if before.keys() != after.keys():
        raise RuntimeError("an instance was replaced while nobody came")
    return [(after[c].cpu - before[c].cpu) / (after[c].at - before[c].at) for c in before]


async def cpu_at_rest(gateway: RunningGateway, count: int, seconds: float) -> dict[str, dict[str, float]]:
    """Return, by pool, milliseconds of CPU an instance uses a second, and percent of a core for all."""
    docker = open_client(None)
    try:
        await version(docker)
        await asyncio.sleep(SETTLE)
        await full_and_still(gateway, count)
        before = await readings(docker, gateway.gateway_id)
        await asyncio.sleep(seconds)
        after = await readings(docker, gateway.gateway_id)
    finally:
        await docker.close()
    used = {pool: shares(before[pool], after[pool]) for pool in POOLS}
    return {
        pool: {
            "instances": len(each),
            "ms_per_instance_second": round(sum(each) / len(each) * 1000, 3),
            "percent_of_a_core": round(sum(each) * 100, 2),
        }
        for pool, each in used.items()
    }


async def clicks(gateway: RunningGateway, count: int, visitors: int) -> dict[str, list[Waits]]:
    """Let visitors come to both pools in turn, each to pools that are full and still."""
    waits: dict[str, list[Waits]] = {pool: [] for pool in POOLS}
    with Console(stderr=True).status("clicks") as status:
        for number in range(visitors):
            status.update(f"click {number + 1} of {visitors}")
            for pool in POOLS:
                await full_and_still(gateway, count)
                waits[pool].append(await visit(gateway.base, pool))
    return waits


async def measure(count: int, seconds: float, visitors: int) -> dict[str, Any]:
    """Run both parts and return everything the report needs."""
    about = machine()
    pools = jupyter_pool("running", warm=count, most=count + 1, hot=count)
    pools += jupyter_pool("paused", warm=count, most=count + 1, hot=0)
    with tempfile.TemporaryDirectory(prefix="warmgate-bench-") as folder:
        async with RunningGateway(Path(folder), pools, budget=str((2 * count + 2) * MEMORY)) as gateway:
            with Console(stderr=True).status("filling both pools, then nothing but time passes"):
                await full_and_still(gateway, count)
                cpu = await cpu_at_rest(gateway, count, seconds)
            waits = await clicks(gateway, count, visitors)
    milliseconds = {pool: summary(each) for pool, each in waits.items()}
    return {
        "machine": about,
        "instances": count,
        "seconds": seconds,
        "visitors": visitors,
        "cpu": cpu,
        "milliseconds": milliseconds,
        "paused_over_running": {
            what: {
                q: round(milliseconds["paused"][what][q] / milliseconds["running"][what][q], 2)
                for q in milliseconds["running"][what]
            }
            for what in WHAT
        },
    }


def cpu_table(report: dict[str, Any]) -> Table:
    """Return what instances use while nobody comes as a table."""
    shown = Table(title=f"CPU of {report['instances']} warm Jupyter, {report['seconds']:g} s at rest")
    for name in ("", "ms a second, each", "of one core, all"):
        shown.add_column(name, justify="right" if name else "left")
    for pool, used in report["cpu"].items():
        percent = f"{used['percent_of_a_core']:.2f} %"
        shown.add_row(pool, f"{used['ms_per_instance_second']:.3f}", percent)
    return shown


def click_table(report: dict[str, Any]) -> Table:
    """Return what visitors waited for as a table."""
    shown = Table(title=f"From a click, in milliseconds ({report['visitors']} visitors of each)")
    shown.add_column("")
    for q in QUANTILES:
        shown.add_column(f"p{q}", justify="right")
    for what, words in WHAT.items():
        for pool in POOLS:
            numbers = report["milliseconds"][pool][what]
            shown.add_row(f"{words}, {pool}", *(f"{numbers[f'p{q}']:,.1f}" for q in QUANTILES))
        ratio = report["paused_over_running"][what]
        shown.add_row("paused ÷ running", *(f"{ratio[f'p{q}']:.2f}" for q in QUANTILES), end_section=True)
    return shown


def main() -> None:
    """Measure what pausing saves and costs, on Docker."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--instances", type=int, default=10, help="warm instances of each kind (10)")
    parser.add_argument("--seconds", type=float, default=60.0, help="time at rest (60)")
    parser.add_argument("--visitors", type=int, default=30, help="clicks on each kind (30)")
    parser.add_argument("--out", type=Path, default=Path("bench/out/pausing.json"), help="for the numbers")
    given = parser.parse_args()
    report = asyncio.run(measure(given.instances, given.seconds, given.visitors))
    tell(report, [cpu_table(report), click_table(report)], given.out)


if __name__ == "__main__":
    main()
