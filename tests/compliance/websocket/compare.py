"""Autobahn's websocket cases played twice, direct and through a real gateway: the verdicts must be the same.

Prints a table by class and every case that differs, writes JSON and Markdown to `--out`, and exits 1 when a
case was judged differently or did not run.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web
from rich import box
from rich.console import Console
from rich.table import Table

from bench.report import machine, tell
from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.compliance.websocket import echo
from tests.compliance.websocket.suite import Suite
from tests.compliance.websocket.verdicts import CASES, Comparison

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WSTEST = ROOT / ".venv" / "autobahn" / "wstest"
OUT = HERE.parent / "out"
ALL = ("*",)
TELL_EVERY = 10.0
"""Seconds between two lines of progress."""
COUNT_WIDTH = 7
"""Columns of a table's cell that never breaks: `141/141`."""
POOL = f"""
[[pools]]
name = "echo"
kind = "generic"
command = ["{sys.executable}", "{HERE / "echo.py"}", "{{ip}}", "{{port}}"]
sizing = "static"
warm = 1
max = 1
"""


@asynccontextmanager
async def direct() -> AsyncIterator[str]:
    """Serve the echo server without a gateway; return its address."""
    runner = web.AppRunner(echo.application())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def through(out: Path) -> AsyncIterator[str]:
    """Serve the same as an instance behind a gateway; return a session's address. Leaves the log in `out`."""
    with tempfile.TemporaryDirectory(prefix="warmgate-autobahn-") as folder:
        async with (
            RunningGateway(Path(folder), POOL, engine="process") as gateway,
            Visitor(gateway.base) as visitor,
        ):
            await visitor.spawn_patiently()
            try:
                yield visitor.url.replace("http://", "ws://", 1)
            finally:
                (out / "gateway.log").write_text(gateway.log)


async def compare(wstest: Path, cases: Sequence[str], out: Path) -> Comparison:
    """Play the cases both ways at the same time, and say every now and then how far they are."""
    console = Console(stderr=True, highlight=False)
    suites = [Suite(name, wstest, out / "autobahn" / name, cases) for name in ("direct", "through")]
    async with direct() as straight, through(out) as session, asyncio.TaskGroup() as group:
        runs = [
            group.create_task(suite.run(url)) for suite, url in zip(suites, (straight, session), strict=True)
        ]
        going = set(runs)
        while going:
            _, going = await asyncio.wait(going, timeout=TELL_EVERY)
            console.print(", ".join(suite.progress for suite in suites))
    wanted = CASES if tuple(cases) == ALL else suites[0].announced
    return Comparison(runs[0].result(), runs[1].result(), wanted)


def tables(comparison: Comparison, minutes: float) -> list[Table]:
    """Return the verdicts by class, and the cases that differ."""
    shown = Table(
        title="Autobahn's verdicts, direct/through",
        caption=f"{minutes:.1f} minutes",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
    )
    shown.add_column("class", no_wrap=True)
    for column in ("cases", *comparison.behaviors, "differ"):
        shown.add_column(column, justify="right", overflow="fold", min_width=COUNT_WIDTH)
    for row in comparison.rows():
        shown.add_row(*row)
    if not comparison.differing:
        return [shown]
    differing = Table("case", "direct", "through", title="Judged differently")
    for case in comparison.differing:
        told = (str(run.get(case, "did not run")) for run in (comparison.direct, comparison.through))
        differing.add_row(case, *told)
    return [shown, differing]


def conclusion(comparison: Comparison, out: Path) -> str:
    """Return in a sentence what came out, and where to look when it is not what it should be."""
    if comparison.passed:
        return f"All {comparison.wanted} cases were judged the same."
    return (
        f"Of {comparison.wanted} cases {comparison.ran} ran both ways; judged differently: "
        f"{len(comparison.differing)}. Compare them in {out}/autobahn/direct/index.html and "
        f"{out}/autobahn/through/index.html."
    )


def main() -> int:
    """Play, tell, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=ALL, help="ids or patterns such as 12.1.*; default: all")
    parser.add_argument("--wstest", type=Path, default=WSTEST, help="Autobahn's command")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the reports")
    options = parser.parse_args()
    if not options.wstest.exists():
        parser.error(f"{options.wstest} is not there: run `make compliance`, which makes it first")
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / ".gitignore").write_text("*\n")
    began, about = time.monotonic(), machine()
    comparison = asyncio.run(compare(options.wstest, options.cases, options.out))
    report = {"machine": about, **comparison.as_json()}
    tell(report, tables(comparison, (time.monotonic() - began) / 60), options.out / "websocket.json")
    Console(highlight=False).print(conclusion(comparison, options.out), soft_wrap=True)
    return 0 if comparison.passed else 1


if __name__ == "__main__":
    sys.exit(main())
