"""How long a click takes: to the page, and to the first cell's result; warm through the gateway against cold.

Both use the same image on the same machine in the same run: cold is what a visitor would wait for if their
container were started for them. Prints a table and writes JSON to `--out`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.notebook import CODE, ENTRY, MEMORY, NOTEBOOK, RESULT, Waits, jupyter_pool, visit
from bench.report import QUANTILES, machine, summary, tell
from bench.running import RunningGateway
from bench.visitor import Visitor
from config import PoolSettings
from pool.engines.docker import DockerEngine
from pool.identity import Identities
from pool.kinds.registry import KINDS
from pool.pool import Pool, public_path

POLL = 0.02
"""Seconds between two looks of the cold visitor at a page that is not there yet."""
COLD_LIMIT = 120.0
"""Seconds a cold start may take."""


async def cold_click(engine: DockerEngine, settings: PoolSettings) -> Waits:
    """Start a container for one visitor, wait for the same page, run the same cell; remove it."""
    identities = Identities("bench", os.urandom)
    pool = Pool(settings, KINDS[settings.kind], warm=0)
    instance = pool.new_instance(identities.new_instance_id(), time.monotonic())
    tag = pool.tag(instance, engine.gateway_id, "", identities.fingerprint)
    token = identities.token(instance.id)
    began = time.perf_counter()
    try:
        address = await engine.start(pool.launch(tag, identities))
        base = f"http://{address.host}:{address.port}"
        url = base + public_path(tag, identities)
        async with (
            Visitor(base, url, dict(pool.kind.credential(token))) as visitor,
            asyncio.timeout(COLD_LIMIT),
        ):
            while not await _there(visitor, settings.entry):  # noqa: ASYNC110 - a server, not our own task
                await asyncio.sleep(POLL)
            page = time.perf_counter() - began
            if (text := await visitor.run(CODE)) != RESULT:
                raise RuntimeError(f"the cell answered {text!r}")
            return Waits(page, time.perf_counter() - began)
    finally:
        await engine.destroy(instance.id)


async def _there(visitor: Visitor, entry: str) -> bool:
    try:
        return (await visitor.get(entry))[0] == 200
    except OSError:
        return False


async def measure(visitors: int, cold: int, warm: int) -> dict[str, Any]:
    """Run both and return everything the report needs."""
    console = Console(stderr=True)
    about = machine()
    settings = PoolSettings(warm=warm, max=warm + 2, memory=MEMORY, entry=ENTRY, notebook=NOTEBOOK)
    pools = jupyter_pool(warm=warm, most=warm + 2, hot=warm)
    colds, warms = [], []
    with tempfile.TemporaryDirectory(prefix="warmgate-bench-") as folder:
        with console.status("cold starts") as status:
            engine = DockerEngine("bench-cold")
            await engine.connect()
            try:
                for number in range(cold):
                    status.update(f"cold start {number + 1} of {cold}")
                    colds.append(await cold_click(engine, settings))
            finally:
                await engine.close()
        async with RunningGateway(Path(folder) / "warm", pools) as gateway:
            with console.status("warm clicks") as status:
                for number in range(visitors):
                    status.update(f"warm click {number + 1} of {visitors}")
                    await gateway.until_quiet(warm)
                    warms.append(await visit(gateway.base))
    return {
        "machine": about,
        "visitors": visitors,
        "cold_starts": cold,
        "warm_pool": warm,
        "milliseconds": {"warm": summary(warms), "cold": summary(colds)},
        "cold_over_warm_p50": {
            what: round(summary(colds)[what]["p50"] / summary(warms)[what]["p50"], 1)
            for what in ("page", "result")
        },
    }


def table(report: dict[str, Any]) -> Table:
    """Return the report as a table."""
    shown = Table(title="From a click, in milliseconds")
    shown.add_column("")
    for q in QUANTILES:
        shown.add_column(f"p{q}", justify="right")
    for what, words in (("page", "page"), ("result", "first result")):
        for how in ("warm", "cold"):
            numbers = report["milliseconds"][how][what]
            shown.add_row(f"{words}, {how}", *(f"{numbers[f'p{q}']:,.1f}" for q in QUANTILES))
        ratio = report["cold_over_warm_p50"][what]
        shown.add_row(f"[bold]{words}: cold is {ratio:g} times warm[/]", end_section=True)
    return shown


def main() -> None:
    """Measure click → page and click → first result, warm and cold, on Docker."""
    # Not the click library: run as a script, this file would be found in its place.
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--visitors", type=int, default=50, help="warm clicks, one after another (50)")
    parser.add_argument("--cold", type=int, default=5, help="cold starts (5)")
    parser.add_argument("--warm", type=int, default=2, help="instances kept warm (2)")
    parser.add_argument("--out", type=Path, default=Path("bench/out/click.json"), help="where the numbers go")
    given = parser.parse_args()
    report = asyncio.run(measure(given.visitors, given.cold, given.warm))
    tell(report, [table(report)], given.out)


if __name__ == "__main__":
    main()
