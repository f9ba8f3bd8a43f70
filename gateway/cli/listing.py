"""What `warmgate ps` shows, as tables of rich. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from pool.core.states import State
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.cli.answers import InstanceRow, Overview

STYLES: Mapping[str, str] = {
    State.STARTING: "yellow",
    State.WARMING: "yellow",
    State.WARM: "green",
    State.PAUSED: "cyan",
    State.ASSIGNED: "bold blue",
    State.DRAINING: "dim",
}
UNKNOWN = "-"
PENDING = "…"
"""Stands where a number is still being asked for."""


def listing(overview: Overview, *, measuring: bool = False) -> Group:
    """Return the instances as rows, the totals below them. While `measuring`, unknown memory is pending."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", highlight=False)
    for name in ("INSTANCE", "POOL", "STATE"):
        table.add_column(name, no_wrap=True)
    for name in ("AGE", "IDLE", "CHARGE", "MEASURED"):
        table.add_column(name, no_wrap=True, justify="right")
    for instance in overview.instances:
        table.add_row(*_row(instance, PENDING if measuring else UNKNOWN))
    return Group(table, Text(), Text(totals(overview), no_wrap=True), *map(_yellow, cell_errors(overview)))


def _row(instance: InstanceRow, unmeasured: str) -> tuple[Text, ...]:
    return (
        Text(short(instance.id)),
        Text(instance.pool),
        Text(instance.state, style=STYLES.get(instance.state, "")),
        Text(lasted(instance.age)),
        Text(UNKNOWN if instance.idle is None else lasted(instance.idle)),
        Text(mebibytes(instance.charge)),
        Text(unmeasured if instance.measured is None else mebibytes(instance.measured)),
    )


def _yellow(line: str) -> Text:
    return Text(line, style="yellow")


def cell_errors(overview: Overview) -> list[str]:
    """Return a line for each cell that fails, and in how many instances it does."""
    counted = Counter(
        f"{instance.pool}: {failed.notebook}, cell {failed.cell}: {failed.error}"
        for instance in overview.instances
        for failed in instance.cell_errors
    )
    return [f"{line} ({count} instance{'' if count == 1 else 's'})" for line, count in counted.items()]


def totals(overview: Overview) -> str:
    """Return one line: how many there are, how much of the budget they are charged, who waits."""
    count = len(overview.instances)
    parts = [
        f"{count} instance{'' if count == 1 else 's'}",
        f"{mebibytes(overview.charged)} charged of {mebibytes(overview.budget)} budget",
    ]
    waiting = [pool.waiting for pool in overview.pools if pool.waiting is not None]
    if waiting:
        parts.append(f"{sum(waiting)} waiting")
    return ", ".join(parts)


def mebibytes(size: int) -> str:
    """Write bytes as whole mebibytes: numbers below each other are compared at a glance."""
    return f"{round(size / 2**20):,} MiB"


def lasted(seconds: float) -> str:
    """Write a length of time in its two largest units: `45s`, `3m20s`, `5h02m`, `2d04h`."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    if minutes:
        return f"{minutes}m{whole % 60:02}s"
    return f"{whole}s"
