"""Makes an author's image: a base of ours, their packages, their notebooks."""

from __future__ import annotations

import os
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from gateway.cli.build.making import OWN, make_shipped
from gateway.cli.build.progress import Progress, summary
from pool.building.builder import LABEL_IMAGE, BuildRequest, ImageBuilder
from pool.building.context import host_ca_bundle, shipped_images
from pool.building.errors import ImageBuildFailed, TagTaken
from pool.building.made import layer_sizes, look, nothing_half
from pool.building.naming import how_to_get
from pool.building.own.context import NAME, own_context
from pool.building.own.failures import explained
from pool.building.own.files import read_environment, read_notebooks, read_requirements
from pool.building.steps import step_names
from pool.engines.docker_calls import open_client
from pool.errors import ImageMissing

if TYPE_CHECKING:
    from pathlib import Path

    import aiodocker

    from pool.building.context import BuildContext

LAYERS = {"packages": "/", "notebooks": "/srv/notebooks/"}
"""Where the layers of these steps were copied to."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the author gives; read once, so that what is wrong with it is told before anything is built."""

    notebooks: dict[str, bytes] | None
    requirements: bytes | None
    environment: bytes | None

    @classmethod
    def read(cls, notebooks: Path | None, requirements: Path | None, environment: Path | None) -> Given:
        """Read all that is given. Raises the errors of `pool.building.own.files`."""
        return cls(
            None if notebooks is None else read_notebooks(notebooks),
            None if requirements is None else read_requirements(requirements),
            None if environment is None else read_environment(environment),
        )

    def context(self, base_id: str) -> BuildContext:
        """Return what the engine builds from it."""
        return own_context(
            base_id,
            notebooks=self.notebooks,
            requirements=self.requirements,
            environment=self.environment,
        )


async def make_own(given: Given, *, tag: str, base: str, again: bool = False) -> None:
    """Build the author's image unless it is there; the base first, if it is one of ours.

    Raises ImageBuildFailed and its kin, ImageMissing for a base that is not there, EngineError.
    """
    if base.startswith(OWN) and base.removeprefix(OWN) in shipped_images():
        await make_shipped(base.removeprefix(OWN))
    try:
        async with nothing_half(), open_client(None) as docker:
            request = await _request(docker, given, tag=tag, base=base)
            builder = ImageBuilder(docker, time.monotonic)
            if not again and not await builder.needs_build(request):
                click.echo(f"Image {tag} is there, made from these files.", err=True)
                return
            click.echo(f"Building image {tag} on {base}.", err=True)
            names = step_names(request.context.files["Dockerfile"].decode())
            async with aclosing(builder.build(request)) as build:
                steps = await Progress(names, time.monotonic).follow(build)
            made = await look(docker, tag)
            layers = await layer_sizes(docker, tag, LAYERS)
    except ImageBuildFailed as error:
        if (why := explained(error)) is error:
            raise
        raise why from error
    click.echo(summary(tag, steps, size=made.size if made else 0, layers=layers), err=True)


async def _request(docker: aiodocker.Docker, given: Given, *, tag: str, base: str) -> BuildRequest:
    if (found := await look(docker, base)) is None:
        raise ImageMissing(f"the base {base} is not there: {how_to_get(base)}")
    if (taken := await look(docker, tag)) and taken.labels.get(LABEL_IMAGE) != NAME:
        raise TagTaken(f"{tag} is there, and this command has not made it")
    return BuildRequest(given.context(found.id), tag, {"BASE": base}, host_ca_bundle(os.environ))
