"""How much memory this machine has left, as far as this process can see."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from pool.core.observed import Host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")

V1_UNLIMITED = 2**60
"""What cgroup v1 shows where there is no limit is about 2**63."""

SAME_WITHIN = 0.02
"""Part by which two ways to tell a machine's memory may differ."""

STALLED_FROM = 10.0
"""Percent of the last ten seconds in which some program waited for memory: from here on it hurts visitors."""

STALLED_UNTIL = 5.0
"""And below this it is over."""


def available(proc: Path = PROC, cgroups: Path = CGROUPS) -> int:
    """Return bytes: what the kernel calls available, or what the gateway's own cgroups leave when that is
    less.
    """
    return min(psutil.virtual_memory().available, *_left(proc, cgroups), V1_UNLIMITED)


def _left(proc: Path, cgroups: Path) -> Iterator[int]:
    """Yield for each cgroup around this process, version 1 and 2, what its limit leaves (cgroups(7))."""
    try:
        lines = (proc / "self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            yield from _upwards(cgroups, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            yield from _upwards(cgroups / "memory", path, *names)


def _upwards(root: Path, path: str, limit: str, usage: str, reclaimable: str) -> Iterator[int]:
    """Yield for a cgroup and each one above it. In a container only the root of its own can be read."""
    inside = root / path.strip("/")
    for folder in (inside, *inside.parents):
        try:
            most = int((folder / limit).read_text())
            # Asked at each plan: what is used matters only where there is a limit.
            if most < V1_UNLIMITED:
                used = int((folder / usage).read_text()) - _part(folder, reclaimable)
                yield max(0, most - used)
        except (OSError, ValueError):
            # No such controller here, or the word `max`: no limit from this one.
            pass
        if folder == root:
            return


def _part(folder: Path, name: str) -> int:
    """Return one number of memory.stat: file pages that would give way count as used, but are not."""
    for line in (folder / "memory.stat").read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def pressure(proc: Path = PROC) -> float | None:
    """Return the percentage of the last ten seconds in which some program waited for memory.

    None where the kernel does not tell (Linux before 4.20, or started without `psi=1`).
    """
    try:
        first = (proc / "pressure/memory").read_text().split()
        return float(first[1].removeprefix("avg10="))
    except (OSError, ValueError, IndexError):
        return None


def total() -> int:
    """Return bytes this machine has."""
    return psutil.virtual_memory().total


class HostWatch:
    """Samples the host's memory."""

    def __init__(
        self,
        reserve: int,
        *,
        available: Callable[[], int] = available,
        pressure: Callable[[], float | None] = pressure,
        total: Callable[[], int] = total,
    ) -> None:
        self.reserve = reserve
        self.available = 0
        """Bytes at the last look."""
        self.pressure: float | None = None
        """Percent at the last look, or None where the kernel does not tell."""
        self._read_available = available
        self._read_pressure = pressure
        self._total = total()
        self._stalled = False
        self.strained = False
        """Whether it was short of memory at the last look."""

    def look(self, engine_total: int = 0) -> Host:
        """Return how the host fares now.

        `engine_total` is bytes of the machine instances run on, 0 while that is not known. Where it is
        another one, nothing here tells of it.
        """
        self.available = self._read_available()
        self.pressure = self._read_pressure()
        self._stalled = (self.pressure or 0.0) >= (STALLED_UNTIL if self._stalled else STALLED_FROM)
        if engine_total and abs(engine_total - self._total) > SAME_WITHIN * self._total:
            host = Host()
        else:
            host = Host(self.available - self.reserve, self._stalled)
        self.strained = host.strained
        return host
