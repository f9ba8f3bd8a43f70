"""How long a click takes with Pluto: to the page, to the executed notebook by websocket, and a slider's move.

Warm instances through the gateway, running and paused, against one that is started for the visitor, in the
same run. The notebook must have a bond `n`, and show `shown` at its first value and `moved` when it is `to`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.pluto_page import opened
from bench.report import QUANTILES, machine, quantile, tell
from bench.running import RunningGateway
from bench.visitor import Visitor

STEPS = ("page", "executed notebook", "slider's new result")
IMAGE = "warmgate-tests/pluto"
START_LIMIT = 300.0
"""Seconds the visitor of an empty pool may wait."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """What is measured, and what its page must show."""

    image: str
    path: str
    memory: str
    shown: str
    moved: str
    to: int


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds: from the click to page and notebook, and from a slider's move to its new result."""

    page: float
    state: float
    move: float


def pool(notebook: Notebook, *, warm: int, hot: int) -> str:
    """Return the entry of `[[pools]]`."""
    return f"""
[[pools]]
name = "pluto"
kind = "pluto"
image = "{notebook.image}"
notebook = "{notebook.path}"
memory = "{notebook.memory}"
sizing = "static"
warm = {warm}
hot = {hot}
max = {warm + 1}
"""


async def visit(base: str, notebook: Notebook) -> Waits:
    """Click on Open, take the notebook, move its slider. Raises when any of it is not as it should be."""
    async with Visitor(base) as visitor:
        began = time.perf_counter()
        status = await visitor.click()
        page = time.perf_counter() - began
        if status != 200 or not visitor.url:
            raise RuntimeError(f"no notebook's page, but status {status}")
        return await _use(visitor, visitor.landed, notebook, began=began, page=page)


async def _use(visitor: Visitor, landed: str, notebook: Notebook, *, began: float, page: float) -> Waits:
    """Take the notebook, move its slider and leave; `page` is what was waited until then, since `began`."""
    async with opened(visitor.http, landed) as shown:
        await shown.load()
        state = time.perf_counter() - began
        if not any(notebook.shown in body for body in shown.shown()):
            raise RuntimeError(f"the notebook does not show {notebook.shown}")
        moved_at = time.perf_counter()
        await shown.move("n", notebook.to)
        await shown.until_shown(notebook.moved)
        move = time.perf_counter() - moved_at
    await visitor.leave()
    return Waits(page, state, move)


async def cold(folder: Path, notebook: Notebook) -> Waits:
    """Visit a pool that keeps nothing: the container is started, and the notebook run, for the visitor."""
    async with RunningGateway(folder, pool(notebook, warm=0, hot=0), wait_ready=False) as gateway:
        began = time.perf_counter()
        async with Visitor(gateway.base) as visitor:
            await visitor.spawn_patiently(limit=START_LIMIT)
            waited = time.perf_counter() - began
            async with visitor.http.get(f"{visitor.base}{visitor.entry}") as page:
                await page.read()
                landed = str(page.url)
            return await _use(visitor, landed, notebook, began=began, page=waited)


async def measure(notebook: Notebook, *, visitors: int, warm: int, colds: int) -> dict[str, Any]:
    """Measure all three; return everything the report needs."""
    console = Console(stderr=True)
    about = machine()
    waits: dict[str, list[Waits]] = {}
    with tempfile.TemporaryDirectory(prefix="warmgate-bench-") as folder:
        for how, hot in (("running", warm), ("paused", 0)):
            waits[how] = []
            async with RunningGateway(Path(folder) / how, pool(notebook, warm=warm, hot=hot)) as gateway:
                with console.status(f"warm and {how}") as status:
                    for number in range(visitors):
                        status.update(f"warm and {how}: click {number + 1} of {visitors}")
                        await gateway.until_quiet(warm)
                        waits[how].append(await visit(gateway.base, notebook))
        with console.status("started for the visitor"):
            waits["started"] = [await cold(Path(folder) / f"cold{n}", notebook) for n in range(colds)]
    return {
        "machine": about,
        "image": notebook.image,
        "visitors": visitors,
        "milliseconds": {how: _summary(found) for how, found in waits.items()},
    }


def _summary(waits: list[Waits]) -> dict[str, dict[str, float]]:
    columns = zip(*map(astuple, waits), strict=True)
    return {
        step: {f"p{q}": round(quantile(values, q) * 1000, 1) for q in QUANTILES}
        for step, values in zip(STEPS, columns, strict=True)
    }


def table(report: dict[str, Any]) -> Table:
    """Return the report as a table."""
    shown = Table(title=f"From a click, in milliseconds ({report['image']})")
    shown.add_column("")
    for how in report["milliseconds"]:
        for q in QUANTILES[:2]:
            shown.add_column(f"{how} p{q}", justify="right")
    for step in STEPS:
        cells = [
            f"{numbers[step][f'p{q}']:,.1f}"
            for numbers in report["milliseconds"].values()
            for q in QUANTILES[:2]
        ]
        shown.add_row(step, *cells)
    warm, started = (report["milliseconds"][how][STEPS[1]]["p50"] for how in ("running", "started"))
    shown.caption = f"The executed notebook is there {started / warm:,.0f} times sooner from a warm instance."
    return shown


def main() -> None:
    """Measure Pluto's clicks on Docker."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--image", default=IMAGE, help=f"made by `warmgate build pluto` ({IMAGE})")
    parser.add_argument("--notebook", default="slider.jl", help="its path in the image (slider.jl)")
    parser.add_argument("--memory", default="1GiB", help="of each instance (1GiB)")
    parser.add_argument("--shown", default="35", help="what a cell shows at the slider's first value")
    parser.add_argument("--moved", default="210", help="what a cell shows once the slider has moved")
    parser.add_argument("--to", type=int, default=42, help="where the slider `n` is moved to (42)")
    parser.add_argument("--visitors", type=int, default=30, help="warm clicks, one after another (30)")
    parser.add_argument("--cold", type=int, default=2, help="visitors of an empty pool (2)")
    parser.add_argument("--warm", type=int, default=2, help="instances kept warm (2)")
    parser.add_argument("--out", type=Path, default=Path("bench/out/pluto.json"), help="where the numbers go")
    given = parser.parse_args()
    notebook = Notebook(given.image, given.notebook, given.memory, given.shown, given.moved, given.to)
    report = asyncio.run(measure(notebook, visitors=given.visitors, warm=given.warm, colds=given.cold))
    tell(report, [table(report)], given.out)


if __name__ == "__main__":
    main()
