"""Does the budget fit into what is free, and does the machine swap already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from gateway.doctor.verdict import Verdict, fail, mib, ok, warn
from pool import memory

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAP_IN_USE = 64 * 2**20
"""Bytes; a little of what nobody needs is swapped out on any healthy machine."""


DRIFT = 256 * 2**20
"""Bytes by which what is available goes up and down from one moment to the next."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of this machine. `total` is the engine's, where that is a smaller, virtual one."""

    total: int
    available: int
    swap_used: int
    swap_total: int


def look(engine_total: int = 0) -> Memory:
    """Ask the kernel; `engine_total` is what the engine says its machine has, 0 if it does not."""
    virtual, swap = psutil.virtual_memory(), psutil.swap_memory()
    return Memory(
        total=min(virtual.total, engine_total or virtual.total),
        available=min(memory.available(), engine_total or virtual.total),
        swap_used=swap.used,
        swap_total=swap.total,
    )


def judge(now: Memory, *, budget: int, reserve: int, used: int) -> Iterator[Verdict]:
    """Say whether instances fit. `used` is what those that run measure, which is not available any more."""
    growth = max(0, budget - used)
    if budget > now.total:
        yield fail(
            "budget",
            f"{mib(budget)} are more than the {mib(now.total)} there are",
            f'[memory] budget = "{mib(max(0, now.total - reserve))}", or "auto"',
        )
    elif growth + reserve > now.available + DRIFT:
        fits = max(0, now.available + used - reserve)
        yield warn(
            "budget",
            f"instances may grow by {mib(growth)}, but {mib(now.available)} are available, "
            f"of which {mib(reserve)} are to stay free",
            f'[memory] budget = "{mib(fits)}", or end what else uses memory here (ps aux --sort=-rss)',
        )
    else:
        yield ok("budget", f"{mib(budget)}; {mib(now.available)} available, {mib(reserve)} kept for the host")
    if now.swap_used >= SWAP_IN_USE:
        yield warn(
            "swap",
            f"{mib(now.swap_used)} of {mib(now.swap_total)} in use: memory was short",
            "lower [memory] budget or raise reserve; then sudo swapoff -a && sudo swapon -a",
        )
    else:
        yield ok("swap", "none in use" if now.swap_total else "the machine has none")
