"""How much memory instances may have on this machine, as far as this process can see."""

from __future__ import annotations

from pathlib import Path

import psutil

CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""The root of this process's own cgroup namespace, version 2 and version 1."""


def available(limits: tuple[Path, ...] = CGROUP_LIMITS) -> int:
    """Return bytes: what the kernel calls available, or the gateway's own cgroup limit when that is less."""
    free = psutil.virtual_memory().available
    for path in limits:
        try:
            free = min(free, int(path.read_text()))
        except (OSError, ValueError):
            # No such controller here, or the word `max`: no limit from this one.
            continue
    return free
