"""What all benchmarks do with their numbers: sum them up, say on what machine, print and keep them."""

from __future__ import annotations

import json
import os
import platform
from io import StringIO
from typing import TYPE_CHECKING, Any

import psutil
from rich import box
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.table import Table

    from bench.notebook import Waits

QUANTILES = (50, 95, 99)
MARKDOWN_WIDTH = 400
"""Columns: Markdown has no line breaks inside a table."""


def quantile(values: Sequence[float], percent: int) -> float:
    """Return a percentile by nearest rank, so that p99 of few values is their largest."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def summary(waits: Sequence[Waits]) -> dict[str, dict[str, float]]:
    """Return milliseconds by quantile, for page and result."""
    return {
        what: {f"p{q}": round(quantile([getattr(w, what) for w in waits], q) * 1000, 1) for q in QUANTILES}
        for what in ("page", "result")
    }


def machine() -> dict[str, Any]:
    """Return what absolute numbers belong to. `load` is how many programs wanted a processor in the last
    minute: ask before the benchmark itself makes some.
    """
    return {
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def markdown(table: Table) -> str:
    """Return a table as Markdown, its title above and its caption below. Changes the table."""
    title, caption, table.box = table.title, table.caption, box.MARKDOWN
    # Rich would centre them with spaces, which means code in Markdown.
    table.title = table.caption = None
    page = Console(file=StringIO(), width=MARKDOWN_WIDTH)
    with page.capture() as drawn:
        page.print(table)
    rows = [line.rstrip() for line in drawn.get().splitlines() if line.strip()]
    return "\n".join([f"**{title}**", "", *rows, *(["", str(caption)] if caption else []), ""])


def tell(report: dict[str, Any], tables: Sequence[Table], out: Path) -> None:
    """Print the tables; write the report as JSON to `out`, and the tables as Markdown beside it."""
    console = Console()
    for table in tables:
        console.print(table)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=2) + "\n")
    out.with_suffix(".md").write_text("\n".join(markdown(table) for table in tables))
    print(f"Numbers in {out} and {out.with_suffix('.md').name}")
