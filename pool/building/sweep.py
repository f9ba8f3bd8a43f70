"""Takes away what a build leaves in the engine besides its image: its containers, layers without a name.

Every stage carries a label from its first instruction on. Its value is the same for every build of an image,
as another one would make all layers behind it anew. Which of them are this very build's is known by the ids
the engine has told.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiodocker

from pool.engines.docker_calls import CONFLICT, NOT_FOUND, REMOVE_LIMIT, limited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

LABEL_BUILD = "warmgate.build"
"""On every stage, with the image's name; taken off again (empty) where a stage is finished and may stay."""

LOOK_AGAIN = 0.5
"""Seconds after which it is looked again: an engine ends a build a moment after its caller has left."""
QUIET_LOOKS = 2
"""So many looks in a row that find nothing end the sweep."""
MOST_LOOKS = 20
"""What is still held after so many is another's by now."""

_GONE = (NOT_FOUND, CONFLICT)
_STAGE = re.compile(r"FROM\s", re.IGNORECASE)
_TOLD = re.compile(r"\s*---> (Running in )?([0-9a-f]{12})")
_CACHED = re.compile(r"\s*---> Using cache")


def labelled(dockerfile: str, image: str, *, keep_stages: bool) -> str:
    """Return a Dockerfile whose stages carry the label; those that are kept do not any more at their end.

    A finished stage that is kept is the engine's cache for the next build. The last stage's label is the
    builder's to take off.
    """
    lines: list[str] = []
    stages = 0
    for line in dockerfile.splitlines():
        begins = _STAGE.match(line) is not None
        if begins and stages and keep_stages:
            lines.append(f"LABEL {LABEL_BUILD}=")
        lines.append(line)
        if begins:
            stages += 1
            lines.append(f"LABEL {LABEL_BUILD}={image}")
    return "\n".join([*lines, ""])


@dataclass(slots=True)
class Traces:
    """What the engine has told a build to have made, by the beginnings of their ids."""

    made: set[str] = field(default_factory=set)
    """Containers and images."""
    last: str = ""
    """The newest image: what the build made after it was heard for the last time, it made from this one."""
    _cached: bool = False

    def see(self, line: str) -> None:
        """Take in a line of the engine's."""
        if found := _TOLD.fullmatch(line):
            if not self._cached:
                self.made.add(found[2])
            if not found[1]:
                self.last = found[2]
        self._cached = _CACHED.fullmatch(line) is not None

    def lead_to(self, full_id: str, parent: str) -> bool:
        """Tell whether this is one of them, or was made from the newest."""
        return _short(full_id) in self.made or (bool(parent) and _short(parent) == self.last)


async def sweep(
    docker: aiodocker.Docker, traces: Traces, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Remove what the traces lead to and has no name. Raises EngineError and its kin."""
    quiet = 0
    async with limited("taking away what a build left", REMOVE_LIMIT):
        for _ in range(MOST_LOOKS):
            left = await _removed(docker, traces)
            quiet = 0 if left else quiet + 1
            if quiet >= QUIET_LOOKS:
                return
            await sleep(LOOK_AGAIN)


async def _removed(docker: aiodocker.Docker, traces: Traces) -> bool:
    """Remove what is there now; tell whether there was anything."""
    wanted = {"label": [LABEL_BUILD]}
    containers = [
        container
        for container in await docker.containers.list(all=True, filters=wanted)
        if traces.lead_to(container.id, str(container["ImageID"]))
    ]
    images = [
        image["Id"]
        for image in await docker.images.list(filters={**wanted, "dangling": ["true"]})
        if _unfinished(image) and traces.lead_to(image["Id"], str(image["ParentId"]))
    ]
    for container in containers:
        await _unless_gone(container.delete(force=True))
    for image in images:
        await _unless_gone(docker.images.delete(image))
    return bool(containers or images)


def _unfinished(image: Mapping[str, Any]) -> bool:
    return bool(image["Labels"][LABEL_BUILD])


def _short(full_id: str) -> str:
    return full_id.removeprefix("sha256:")[:12]


async def _unless_gone(removal: Awaitable[object]) -> None:
    try:
        await removal
    except aiodocker.DockerError as error:
        # Gone already, or still held by a container that this very sweep takes away: the next look tells.
        if error.status not in _GONE:
            raise
