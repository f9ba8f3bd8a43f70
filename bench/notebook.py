"""The notebook that benchmarks open, the pool that holds it ready, and how long a visitor waits for it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.visitor import Visitor

NOTEBOOK = "welcome.ipynb"
ENTRY = f"notebooks/{NOTEBOOK}"
MEMORY = 512 * 2**20
"""Bytes one instance may use: the default of a pool."""
CODE, RESULT = "6 * 7", "42"


@dataclass(frozen=True, slots=True)
class Waits:
    """What one visitor waited for, in seconds from the click."""

    page: float
    result: float


def jupyter_pool(name: str = "jupyter", *, warm: int, most: int, hot: int) -> str:
    """Return one entry of `[[pools]]`: real Jupyter, its notebook run, as many as told."""
    return f"""
[[pools]]
name = "{name}"
sizing = "static"
memory = {MEMORY}
hot = {hot}
warm = {warm}
max = {most}
entry = "{ENTRY}"
notebook = "{NOTEBOOK}"
"""


async def visit(base: str, pool: str | None = None) -> Waits:
    """Click on Open in front of a pool that has a ready instance; run a cell; leave.

    Raises RuntimeError when the page or the cell is not what it should be.
    """
    async with Visitor(base) as visitor:
        began = time.perf_counter()
        status = await visitor.click(pool)
        page = time.perf_counter() - began
        if status != 200 or not visitor.url:
            raise RuntimeError(f"no notebook's page, but status {status}")
        if (text := await visitor.run(CODE)) != RESULT:
            raise RuntimeError(f"the cell answered {text!r}")
        result = time.perf_counter() - began
        await visitor.leave()
    return Waits(page, result)
