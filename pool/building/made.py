"""What an engine holds of the images made here: sizes of layers, and what a build left unfinished."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiodocker.exceptions import DockerError

from pool.engines.docker_calls import CHANGE_LIMIT, LOOK_LIMIT, NOT_FOUND, limited, open_client
from pool.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    import aiodocker

LABEL_UNFINISHED = "warmgate.unfinished"
"""A stage, and an image, carries it with `yes` until its last instruction is done."""

SWEEP_EVERY = 0.25
SWEEPS = 20
"""An engine takes a moment to end a build whose client has gone; until then its image is in use."""


@dataclass(frozen=True, slots=True)
class Made:
    """An image that is there."""

    id: str
    labels: Mapping[str, str]
    size: int


async def look(docker: aiodocker.Docker, tag: str) -> Made | None:
    """Return the image of this name, if it is there. Raises EngineError and its kin."""
    async with limited(f"image {tag}", LOOK_LIMIT):
        try:
            found = await docker.images.inspect(tag)
        except DockerError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        return Made(found["Id"], found["Config"].get("Labels") or {}, found["Size"])


async def layer_sizes(docker: aiodocker.Docker, tag: str, folders: Mapping[str, str]) -> dict[str, int]:
    """Return the bytes of the layers that were copied to these folders, by the names given for them."""
    async with limited(f"layers of {tag}", LOOK_LIMIT):
        history: Any = await docker.images.history(tag)  # a list, whatever its type says
        layers = [(str(layer["CreatedBy"]).strip(), int(layer["Size"])) for layer in history]
    copied = {
        name: [size for made_by, size in layers if made_by.endswith(f" in {folder}")]
        for name, folder in folders.items()
    }
    # The newest comes first; a base may have copied to the same place.
    return {name: sizes[0] for name, sizes in copied.items() if sizes}


async def sweep(docker: aiodocker.Docker) -> None:
    """Remove what a build that failed or was stopped has left of its stages. Raises EngineError."""
    filters = {"dangling": ["true"], "label": [f"{LABEL_UNFINISHED}=yes"]}
    async with limited("removing what was left unfinished", CHANGE_LIMIT):
        for _ in range(SWEEPS):
            left = await docker.images.list(filters=filters)
            for image in left:
                with suppress(DockerError):
                    await docker.images.delete(image["Id"])
            if not left:
                return
            await asyncio.sleep(SWEEP_EVERY)


@asynccontextmanager
async def nothing_half() -> AsyncIterator[None]:
    """Sweep when what is inside fails or is stopped; a client in there is closed by then: its build ends."""
    try:
        yield
    except BaseException:
        with suppress(EngineError):
            async with open_client(None) as docker:
                await sweep(docker)
        raise
