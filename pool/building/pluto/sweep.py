"""Takes away what a build leaves in the engine besides its image: its containers, layers without a name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiodocker

from pool.engines.docker_calls import CONFLICT, NOT_FOUND, REMOVE_LIMIT, limited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LABEL_BUILD = "warmgate.build"
"""On everything one build makes; its value is the build's own."""

LOOK_AGAIN = 0.5
"""Seconds after which it is looked again: an engine ends a build a moment after its caller has left."""
QUIET_LOOKS = 2
"""So many looks in a row that find nothing end the sweep."""

_GONE = (NOT_FOUND, CONFLICT)


async def sweep(
    docker: aiodocker.Docker, build: str, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Remove what carries this build's label and has no name. Raises EngineError and its kin."""
    wanted = {"label": [f"{LABEL_BUILD}={build}"]}
    quiet = 0
    async with limited(f"taking away what build {build} left", REMOVE_LIMIT):
        while quiet < QUIET_LOOKS:
            containers = await docker.containers.list(all=True, filters=wanted)
            images = await docker.images.list(filters={**wanted, "dangling": ["true"]})
            for container in containers:
                await _unless_gone(container.delete(force=True))
            for image in images:
                await _unless_gone(docker.images.delete(image["Id"]))
            quiet = 0 if containers or images else quiet + 1
            if quiet < QUIET_LOOKS:
                await sleep(LOOK_AGAIN)


async def _unless_gone(removal: Awaitable[object]) -> None:
    try:
        await removal
    except aiodocker.DockerError as error:
        # Gone already, or still held by a container that this very sweep takes away: the next look tells.
        if error.status not in _GONE:
            raise
