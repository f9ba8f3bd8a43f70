"""What an engine holds of the images made here: whose they are, how large they and their layers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiodocker.exceptions import DockerError

from pool.building.errors import ImageForeign
from pool.engines.docker_calls import LOOK_LIMIT, NOT_FOUND, limited

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiodocker

LABEL_IMAGE = "warmgate.image"
"""On every finished image: what was built, whatever it is called."""


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


async def must_be_ours(docker: aiodocker.Docker, tag: str, image: str) -> None:
    """Raise ImageForeign where the tag is that of another image than this one; EngineError and its kin."""
    if (found := await look(docker, tag)) and found.labels.get(LABEL_IMAGE) != image:
        raise ImageForeign(f"{tag} is there, and this command has not made it")


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
