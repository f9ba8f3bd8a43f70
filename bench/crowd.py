"""A crowd: thirty visitors at once before eight seats; who waits how long, and whether they were told right.

Prints a row for each visitor in the order of the line. Every one of them sits down, stays a while and leaves.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from bench.line import stand
from bench.notebook import MEMORY, jupyter_pool
from bench.report import machine, quantile, tell
from bench.running import RunningGateway
from bench.visitor import Visitor
from bench.watching import watched
from tests.support.apps import container_pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.line import Stay

APP_MEMORY = 128 * 2**20
"""Bytes one instance of the small app may use."""
SPREAD = 0.25
"""Visitors stay so much longer or shorter than the usual one, as a share of it."""
TELLING = 2.0
"""Seconds: an estimate below this only says "now", and is not judged."""
NEAR = 0.5
"""An estimate is right when it is off by no more than this share of what came."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a visitor was told, and what came, in seconds."""

    told: float
    came: float

    @property
    def error(self) -> float:
        """How far off it was, as a share of what came."""
        return (self.told - self.came) / self.came

    @property
    def near(self) -> bool:
        """Whether it was right."""
        return abs(self.error) <= NEAR


async def come(gateway: RunningGateway, number: int, stay_seconds: float) -> Stay:
    """Be one visitor: wait, open the page, stay, leave. Raises RuntimeError when there was no notebook."""
    # The same for every run: a benchmark is to be repeated, not to be lucky.
    stay_seconds *= 1 + SPREAD * ((number * 7 % 11) / 5 - 1)
    async with Visitor(gateway.base) as visitor:
        stay = await stand(visitor)
        status, _ = await visitor.get("")
        if status != 200:
            raise RuntimeError(f"the notebook answered {status}")
        await asyncio.sleep(stay_seconds)
        await visitor.leave()
        stay.left = time.monotonic()
    return stay


async def crowd(gateway: RunningGateway, visitors: int, stay_seconds: float) -> list[Stay]:
    """Let all come at once. Returns those who sat down at once first, then the line in its order."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(come(gateway, number, stay_seconds), name=f"visitor-{number}")
            for number in range(visitors)
        ]
    return sorted((task.result() for task in tasks), key=lambda stay: (stay.shown, stay.turn))


def judged(stays: Sequence[Stay]) -> list[list[Estimate]]:
    """Return for each visitor the estimates that are judged: those told after a first session had ended, as
    nobody can know before how long one lasts, and of TELLING seconds or more.
    """
    first_end = min(stay.left for stay in stays)
    return [
        [
            Estimate(told.estimate, stay.turn - told.at)
            for told in stay.places
            if told.at >= first_end and told.estimate is not None and told.estimate >= TELLING
        ]
        for stay in stays
    ]


async def measure(visitors: int, seats: int, stay_seconds: float, *, jupyter: bool) -> dict[str, Any]:
    """Let the crowd come and return everything the report needs."""
    about = machine()
    memory = MEMORY if jupyter else APP_MEMORY
    pool = (
        jupyter_pool(warm=seats, most=visitors, hot=1)
        if jupyter
        else container_pool(warm=seats, most=visitors)
    )
    with tempfile.TemporaryDirectory(prefix="warmgate-bench-") as folder:
        async with RunningGateway(Path(folder), pool, budget=str(seats * memory)) as gateway:
            await gateway.until_quiet(seats)
            async with watched(gateway) as peaks:
                stays = await crowd(gateway, visitors, stay_seconds)
    estimates = judged(stays)
    served = sorted(stays, key=lambda stay: stay.turn)
    errors = [abs(estimate.error) for told in estimates for estimate in told]
    if not errors:
        raise RuntimeError(
            "nobody was told an estimate that can be judged: too few visitors, or too short stays"
        )
    return {
        "machine": about,
        "app": "jupyter" if jupyter else "small",
        "visitors": visitors,
        "seats": seats,
        "stay_seconds": stay_seconds,
        "peak_instances": peaks.instances,
        "looks": peaks.looks,
        "looks_over_budget": peaks.overdrawn,
        "estimates": {
            "judged": len(errors),
            "near": sum(error <= NEAR for error in errors),
            "absolute_error": {f"p{q}": round(quantile(errors, q), 2) for q in (50, 90, 100)},
        },
        "rows": [
            {
                "arrived": number,
                "position": stay.shown,
                "served": served.index(stay) + 1,
                "waited": round(stay.waited, 1),
                "told": round(told[0].told, 1) if told else None,
                "came": round(told[0].came, 1) if told else None,
                "error": round(told[0].error, 2) if told else None,
            }
            for number, (stay, told) in enumerate(zip(stays, estimates, strict=True), 1)
        ],
    }


def table(report: dict[str, Any]) -> Table:
    """Return the report as a table. The estimate shown is the first that is judged."""
    right = report["estimates"]
    shown = Table(
        title=f"{report['visitors']} visitors at once, {report['seats']} seats ({report['app']})",
        caption=f"{right['near']} of {right['judged']} estimates within ±{NEAR:.0%} of what came; "
        f"at most {report['peak_instances']} instances in {report['looks']} looks",
    )
    for name in ("in line", "position", "served", "waited, s", "told, s", "came, s", "error"):
        shown.add_column(name, justify="right")
    for row in report["rows"]:
        error = "" if row["error"] is None else f"{row['error']:+.0%}"
        cells = (row["arrived"], row["position"], row["served"], row["waited"], row["told"], row["came"])
        shown.add_row(*("" if cell is None else str(cell) for cell in cells), error)
    return shown


def main() -> None:
    """Let a crowd come to a small budget, on Docker."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--visitors", type=int, default=30, help="who come at once (30)")
    parser.add_argument("--seats", type=int, default=8, help="instances the budget holds (8)")
    parser.add_argument("--stay", type=float, default=20.0, help="seconds each stays, on average (20)")
    parser.add_argument("--small", action="store_true", help="a small app instead of Jupyter")
    parser.add_argument("--out", type=Path, default=Path("bench/out/crowd.json"), help="for the numbers")
    given = parser.parse_args()
    report = asyncio.run(measure(given.visitors, given.seats, given.stay, jupyter=not given.small))
    tell(report, [table(report)], given.out)


if __name__ == "__main__":
    main()
