"""Is there memory enough for a build? Asked before it starts, as the engine would only say `Killed`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from pool.building.errors import MemoryTooSmall
from pool.engines.docker_calls import LOOK_LIMIT, limited

if TYPE_CHECKING:
    import aiodocker

GIB = 1024**3
SYSIMAGE_NEEDS = 4 * GIB
"""Writing the object file of a small system image; large packages take twice as much."""
SERVER_NEEDS = 3 * GIB // 2
"""Pluto itself while it is traced, and the build's own processes beside it."""
SMALLEST_NOTEBOOK = GIB // 2


async def available(docker: aiodocker.Docker) -> int:
    """Return the bytes a build may take: what is free, where the engine is this machine's; else all it has.

    Raises EngineError and its kin.
    """
    async with limited("engine's memory", LOOK_LIMIT):
        total = int((await docker.system.info())["MemTotal"])
    local = str(docker.docker_host).startswith("unix://")
    return min(total, psutil.virtual_memory().available) if local else total


def notebook_limit(free: int, *, sysimage: bool) -> int:
    """Return the bytes one notebook may take while it is traced. Raises MemoryTooSmall."""
    if sysimage and free < SYSIMAGE_NEEDS:
        raise MemoryTooSmall(
            f"making a system image takes {SYSIMAGE_NEEDS / GIB:.0f} to 8 GiB, {free / GIB:.1f} GiB are free"
        )
    return max(free - SERVER_NEEDS, SMALLEST_NOTEBOOK)
