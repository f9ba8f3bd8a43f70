"""What processes cost: CPU time and memory, as the kernel counts them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

RESET_PEAK = "5"
"""What proc(5) wants in `clear_refs` to begin a new peak."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of all processes together."""

    rss: int
    """Resident; what several processes share counts for each."""
    pss: int
    """Resident; what several share counts once."""
    uss: int
    """What nobody else has."""


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU time used so far, in user space and kernel. The kernel tells it in ticks of 10 ms."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(one.user + one.system for one in times)


def memory(pids: Iterable[int]) -> Memory:
    """Return the memory used now."""
    found = [psutil.Process(pid).memory_full_info() for pid in pids]
    return Memory(*(sum(getattr(one, what) for one in found) for what in ("rss", "pss", "uss")))


def reset_peak(pids: Iterable[int]) -> None:
    """Begin a new peak of resident memory. Needs to be the processes' owner or root."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


def peak_rss(pids: Iterable[int]) -> int:
    """Return the most resident bytes since the last reset, of all processes together."""
    return sum(_peak(Path(f"/proc/{pid}/status").read_text()) for pid in pids)


def _peak(status: str) -> int:
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def family(pid: int) -> tuple[int, ...]:
    """Return a process and all its descendants."""
    first = psutil.Process(pid)
    return (pid, *(child.pid for child in first.children(recursive=True)))
