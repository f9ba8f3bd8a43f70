"""Builds the two images of `warmgate build pluto`, and leaves nothing else behind."""

from __future__ import annotations

import secrets
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aiodocker.exceptions import DockerError

from pool.building.builder import LABEL_IMAGE, ImageBuilder
from pool.building.errors import ImageBuildFailed, ImageForeign
from pool.building.pluto.images import notebooks_request, server_request, server_tag
from pool.building.pluto.room import available, notebook_limit
from pool.building.pluto.sweep import sweep
from pool.building.pluto.told import BuildStory, read_line
from pool.engines.docker_calls import LOOK_LIMIT, NOT_FOUND, limited, open_client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import aiodocker

    from pool.building.builder import BuildRequest
    from pool.building.folder import NotebookFolder
    from pool.building.pluto.images import PlutoChoice

    Say = Callable[[str, float], None]
    """Takes a line of progress and the seconds since its image's build began."""


@dataclass(frozen=True, slots=True)
class Built:
    """What came of it: one story an image, empty for one that was there, and both images' sizes in bytes."""

    tag: str
    server: BuildStory
    layer: BuildStory
    server_size: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class PlutoBuilder:
    """Builds from a folder and a choice. `clock` counts seconds."""

    folder: NotebookFolder
    choice: PlutoChoice
    tag: str
    clock: Callable[[], float]
    say: Say
    ca_bundle: bytes = field(default=b"", repr=False)

    async def build(self, *, again: bool = False) -> Built:
        """Build what is not there yet, or all of it anew; however it ends, only finished images are left.

        Raises ImageBuildFailed and its kin, EngineError.
        """
        build = secrets.token_hex(8)
        try:
            # The client's end is what stops a build of the engine's.
            async with open_client(None) as docker:
                return await self._build(docker, build, again=again)
        finally:
            async with open_client(None) as docker:
                await sweep(docker, build)

    async def _build(self, docker: aiodocker.Docker, build: str, *, again: bool) -> Built:
        server, layer = BuildStory(), BuildStory()
        passing = {"BUILD": build}
        request = server_request(
            self.folder, self.choice, self.tag, passing=passing, ca_bundle=self.ca_bundle
        )
        builder = ImageBuilder(docker, self.clock)
        for tag, name in ((server_tag(self.tag), "pluto-server"), (self.tag, "pluto")):
            await _must_be_ours(docker, tag, name)
        found = None if again else await _like(docker, request)
        if found is None:
            limit = notebook_limit(await available(docker), sysimage=self.choice.sysimage)
            more = {**request.passing_args, "NOTEBOOK_MEMORY": str(limit)}
            await self._run(builder, replace(request, passing_args=more), server)
            found = request.tag
        below = await _inspect(docker, found)
        above = notebooks_request(
            self.folder, self.choice, self.tag, server=str(below["Id"]), passing=passing
        )
        if again or await builder.needs_build(above):
            await self._run(builder, above, layer)
        whole = await _inspect(docker, self.tag)
        return Built(self.tag, server, layer, int(below["Size"]), int(whole["Size"]))

    async def _run(self, builder: ImageBuilder, request: BuildRequest, story: BuildStory) -> None:
        began = self.clock()
        try:
            async with aclosing(builder.build(request)) as progress:
                async for at in progress:
                    told = read_line(at.text)
                    line = at.text if told is None else story.hear(told, at.elapsed)
                    if line:
                        self.say(line if told is None else f"* {line}", at.elapsed)
        except ImageBuildFailed as error:
            failure = story.failed(error)
            if failure is error:
                raise
            raise failure from error
        story.ended = self.clock() - began


async def _like(docker: aiodocker.Docker, request: BuildRequest) -> str | None:
    """Return the image made from the same, whatever it is called: other notebooks may have needed it."""
    labels = [f"{name}={value}" for name, value in request.labels().items()]
    async with limited(f"images like {request.tag}", LOOK_LIMIT):
        found = await docker.images.list(filters={"label": labels, "dangling": ["false"]})
    return str(found[0]["Id"]) if found else None


async def _inspect(docker: aiodocker.Docker, tag: str) -> Mapping[str, Any]:
    async with limited(f"image {tag}", LOOK_LIMIT):
        found: Mapping[str, Any] = await docker.images.inspect(tag)
        return found


async def _must_be_ours(docker: aiodocker.Docker, tag: str, name: str) -> None:
    """Raise ImageForeign for an image that is there and of another make."""
    async with limited(f"image {tag}", LOOK_LIMIT):
        try:
            found = await docker.images.inspect(tag)
        except DockerError as error:
            if error.status == NOT_FOUND:
                return
            raise
    if (found["Config"].get("Labels") or {}).get(LABEL_IMAGE) != name:
        raise ImageForeign(f"{tag} was not made by `warmgate build pluto`")
