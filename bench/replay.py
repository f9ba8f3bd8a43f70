"""Replays visitors' arrivals against the pool's own sizing and against static pools: hits over idle minutes.

A simulation of one pool on a clock of its own; nothing is started. Prints a table, writes numbers as JSON
and a plot as SVG for each trace.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.policies import Adaptive, Static, Told
from bench.pool_model import Machine, PoolModel
from bench.report import quantile
from bench.svg import plot
from bench.traces import TRACES, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.policies import Policy
    from bench.traces import Trace

AIM = 0.99
"""The share of visitors who shall not wait."""
LADDER = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96)
"""Sizes of static pools that are drawn, up to the first that leaves next to nobody waiting."""
ENOUGH = 0.9995
SHARES = (0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995)
"""What the pool that is told the rate tries, to find the cheapest that reaches the aim."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a policy made of a trace, over all seeds."""

    name: str
    visitors: int
    misses: int
    hit_rate: float
    idle_minutes_a_day: float
    p99_wait_seconds: float
    unused_a_day: float
    """Instances that ended without a visitor."""
    most_ready: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """One trace: the adaptive pool, and static ones by size."""

    name: str
    adaptive: Result
    statics: dict[int, Result]
    same: Result
    """The smallest static pool with at least the adaptive one's hit rate."""
    aimed: Result
    """The smallest static pool that reaches the aim."""
    told: Result | None
    """The cheapest pool that reaches the aim and is told the rate of visitors, where there is one."""

    def saved(self, static: Result) -> float:
        """Return the share of a static pool's idle minutes that the adaptive one does without."""
        return 1 - self.adaptive.idle_minutes_a_day / static.idle_minutes_a_day


def replay(
    name: str, policy: Callable[[Trace], Policy], traces: Sequence[tuple[int, Trace]], machine: Machine
) -> Result:
    """Run one policy, anew for each seed's trace, and add up."""
    outcomes = [PoolModel(trace, policy(trace), machine, seed).run() for seed, trace in traces]
    waits = [wait for outcome in outcomes for wait in outcome.waits]
    misses = sum(outcome.misses for outcome in outcomes)
    days = sum(trace.days for _, trace in traces)
    return Result(
        name=name,
        visitors=len(waits),
        misses=misses,
        hit_rate=1 - misses / max(1, len(waits)),
        idle_minutes_a_day=sum(outcome.idle for outcome in outcomes) / 60 / days,
        p99_wait_seconds=quantile(waits or [0.0], 99),
        unused_a_day=sum(outcome.unused for outcome in outcomes) / days,
        most_ready=max(outcome.most_ready for outcome in outcomes),
    )


def smallest(reaches: Callable[[int], bool], most: int) -> int:
    """Return the smallest number from 1 that reaches it, or `most`. Larger ones are taken to reach it too."""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle + 1, high)
    return low


def compare(traces: Sequence[tuple[int, Trace]], machine: Machine, floor: int) -> Comparison:
    """Replay the traces, of one name and several seeds, against everything."""

    @cache
    def static(size: int) -> Result:
        return replay(f"static {size}", lambda _: Static(size), traces, machine)

    adaptive = replay("adaptive", lambda _: Adaptive(floor, machine.starts_at_once), traces, machine)
    drawn = {}
    for size in LADDER:
        drawn[size] = static(size)
        if drawn[size].hit_rate >= ENOUGH:
            break
    largest = max(drawn)
    same = smallest(lambda size: static(size).hit_rate >= adaptive.hit_rate, largest)
    aimed = smallest(lambda size: static(size).hit_rate >= AIM, largest)
    sizes = sorted({*drawn, same, aimed})
    return Comparison(
        name=traces[0][1].name,
        adaptive=adaptive,
        statics={size: static(size) for size in sizes},
        same=static(same),
        aimed=static(aimed),
        told=_told(traces, machine) if traces[0][1].rate else None,
    )


def _told(traces: Sequence[tuple[int, Trace]], machine: Machine) -> Result | None:
    refill = machine.courtesy + sum(machine.start) / 2
    for share in SHARES:

        def knowing(trace: Trace, share: float = share) -> Policy:
            if trace.rate is None:
                raise ValueError(f"nobody knows the rate of {trace.name}")
            return Told(trace.rate, share, refill)

        result = replay("told the rate", knowing, traces, machine)
        if result.hit_rate >= AIM:
            return result
    return None


def table(found: Comparison) -> Table:
    """Return what was found of one trace, a row a policy."""
    shown = Table(title=f"{found.name}, {found.adaptive.visitors:,} visitors", title_justify="left")
    shown.add_column("")
    for column in ("hits", "idle min/day", "misses", "p99 wait", "unused", "saved"):
        shown.add_column(column, justify="right")
    shown.add_row("[bold]adaptive[/]", *_cells(found.adaptive), "")
    others = {f"{found.same.name}, as good": found.same, f"{found.aimed.name}, {AIM:.0%}": found.aimed}
    if found.told:
        others[f"told the rate, {AIM:.0%}"] = found.told
    for what, result in others.items():
        shown.add_row(what, *_cells(result), f"{found.saved(result):.0%}")
    return shown


def _cells(result: Result) -> tuple[str, ...]:
    return (
        f"{result.hit_rate:.2%}",
        f"{result.idle_minutes_a_day:,.0f}",
        f"{result.misses:,}",
        f"{result.p99_wait_seconds:.1f} s",
        f"{result.unused_a_day:,.0f}",
    )


def numbers(found: Comparison) -> dict[str, Any]:
    """Return a comparison for JSON."""
    saved = {"same_hit_rate": round(found.saved(found.same), 4), "aim": round(found.saved(found.aimed), 4)}
    return asdict(found) | {"saved": saved}


def draw(found: Comparison) -> str:
    """Return a comparison as SVG."""
    told = found.told
    return plot(
        f"{found.name}: adaptive (red) and static pools",
        [(r.idle_minutes_a_day, r.hit_rate, str(size)) for size, r in found.statics.items()],
        (found.adaptive.idle_minutes_a_day, found.adaptive.hit_rate, "adaptive"),
        (told.idle_minutes_a_day, told.hit_rate, "told the rate") if told else None,
    )


def main() -> None:
    """Compare the adaptive pool with static ones on made-up days, or on recorded arrivals."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--seeds",
        type=int,
        nargs="+",
        default=[501, 502, 503],
        help="each makes a trace of its own (501 502 503)",
    )
    parser.add_argument("--floor", type=int, default=1, help="`warm`: the adaptive pool's least (1)")
    parser.add_argument("--room", type=int, default=120, help="instances that fit, whatever they do (120)")
    parser.add_argument("--courtesy", action="store_true", help="hold starts back for pages in a panic too")
    parser.add_argument("--arrivals", type=Path, help="a file with one arrival a line, in seconds")
    parser.add_argument("--stay", type=float, default=10.0, help="usual minutes of a visit in that file (10)")
    parser.add_argument("--out", type=Path, default=Path("bench/out"), help="where numbers and plots go")
    given = parser.parse_args()
    machine = Machine(room=given.room, hurries=not given.courtesy)
    if given.arrivals:
        runs = [[(seed, read(given.arrivals, given.stay * 60)) for seed in given.seeds]]
    else:
        runs = [[(seed, make(seed)) for seed in given.seeds] for make in TRACES]
    comparisons = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replaying", total=len(runs))
        for traces in runs:
            progress.update(task, description=traces[0][1].name)
            comparisons.append(compare(traces, machine, given.floor))
            progress.advance(task)
    for found in comparisons:
        Console().print(table(found))
    given.out.mkdir(parents=True, exist_ok=True)
    for found in comparisons:
        name = found.name.replace(",", "").replace(" ", "-")
        (given.out / f"replay-{name}.svg").write_text(draw(found))
    report = {"machine": asdict(machine), "seeds": given.seeds, "traces": [numbers(c) for c in comparisons]}
    (given.out / "replay.json").write_text(json.dumps(report, indent=2) + "\n")
    print(f"numbers in {given.out / 'replay.json'}, plots beside it")


if __name__ == "__main__":
    main()
