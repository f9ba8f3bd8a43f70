"""Builds the two images of `warmgate build pluto`, and leaves nothing else behind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pool.building.builder import open_builder
from pool.building.errors import ImageBuildFailed
from pool.building.made import look, must_be_ours
from pool.building.pluto.images import notebooks_request, server_request
from pool.building.pluto.room import available, notebook_limit
from pool.building.pluto.told import BuildStory, Listener
from pool.building.steps import carry_out
from pool.engines.docker_calls import LOOK_LIMIT, limited
from pool.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiodocker

    from pool.building.builder import BuildRequest, ImageBuilder
    from pool.building.folder import NotebookFolder
    from pool.building.made import Made
    from pool.building.pluto.images import PlutoChoice
    from pool.building.steps import Step, Watcher


@dataclass(frozen=True, slots=True)
class Built:
    """What came of it: each image's steps, none where it was there, and both images' sizes in bytes."""

    tag: str
    server: list[Step]
    layer: list[Step]
    story: BuildStory
    server_size: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class PlutoBuilder:
    """Builds from a folder and a choice. `clock` counts seconds."""

    folder: NotebookFolder
    choice: PlutoChoice
    tag: str
    clock: Callable[[], float]
    watcher: Watcher
    ca_bundle: bytes = field(default=b"", repr=False)

    async def build(self, *, again: bool = False) -> Built:
        """Build what is not there yet, or all of it anew; however it ends, only finished images are left.

        Raises ImageBuildFailed and its kin, EngineError.
        """
        async with open_builder(self.clock) as builder:
            return await self._build(builder, again=again)

    async def _build(self, builder: ImageBuilder, *, again: bool) -> Built:
        docker, story = builder.docker, BuildStory()
        server: list[Step] = []
        layer: list[Step] = []
        request = server_request(self.folder, self.choice, self.tag, ca_bundle=self.ca_bundle)
        for tag, image in ((request.tag, "pluto-server"), (self.tag, "pluto")):
            await must_be_ours(docker, tag, image)
        found = None if again else await _like(docker, request)
        if found is None:
            limit = notebook_limit(await available(docker), sysimage=self.choice.sysimage)
            more = {**request.passing_args, "NOTEBOOK_MEMORY": str(limit)}
            server = await self._run(builder, replace(request, passing_args=more, anew=again), story)
            found = request.tag
        below = await _there(docker, found)
        above = notebooks_request(self.folder, self.choice, self.tag, server=below.id)
        if again or await builder.needs_build(above):
            layer = await self._run(builder, replace(above, anew=again), story)
        whole = await _there(docker, self.tag)
        return Built(self.tag, server, layer, story, below.size, whole.size)

    async def _run(self, builder: ImageBuilder, request: BuildRequest, story: BuildStory) -> list[Step]:
        try:
            return await carry_out(builder, request, Listener(story, self.watcher))
        except ImageBuildFailed as error:
            if (failure := story.failed(error)) is error:
                raise
            raise failure from error


async def _like(docker: aiodocker.Docker, request: BuildRequest) -> str | None:
    """Return the image made from the same, whatever it is called: other notebooks may have needed it."""
    labels = [f"{name}={value}" for name, value in request.labels().items()]
    async with limited(f"images like {request.tag}", LOOK_LIMIT):
        found = await docker.images.list(filters={"label": labels, "dangling": ["false"]})
    return str(found[0]["Id"]) if found else None


async def _there(docker: aiodocker.Docker, image: str) -> Made:
    """Return the image. Raises EngineError where another has removed it meanwhile, and its kin."""
    if (found := await look(docker, image)) is None:
        raise EngineError(f"image {image} is gone")
    return found
