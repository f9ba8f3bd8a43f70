"""Makes an author's image: a base of ours, their packages, their notebooks."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.cli.build.making import OWN, make, make_shipped
from pool.building.builder import BuildRequest, open_builder
from pool.building.context import host_ca_bundle, shipped_images
from pool.building.errors import ImageBuildFailed
from pool.building.made import look, must_be_ours
from pool.building.naming import how_to_get
from pool.building.own.context import NAME, own_context
from pool.building.own.failures import explained
from pool.building.own.files import read_environment, read_notebooks, read_requirements
from pool.errors import ImageMissing

if TYPE_CHECKING:
    from pathlib import Path

    import aiodocker

    from pool.building.context import BuildContext


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

    def layers(self) -> dict[str, str]:
        """Return where the layers were copied to, by what a person calls them."""
        packages = self.requirements is not None or self.environment is not None
        return {
            **({"layer of packages": "/"} if packages else {}),
            **({"layer of notebooks": "/srv/notebooks/"} if self.notebooks is not None else {}),
        }

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
        async with open_builder(time.monotonic) as builder:
            request = await _request(builder.docker, given, tag=tag, base=base, again=again)
            await make(builder, request, given.layers())
    except ImageBuildFailed as error:
        if (why := explained(error)) is error:
            raise
        raise why from error


async def _request(
    docker: aiodocker.Docker, given: Given, *, tag: str, base: str, again: bool
) -> BuildRequest:
    if (found := await look(docker, base)) is None:
        raise ImageMissing(f"the base {base} is not there: {how_to_get(base)}")
    await must_be_ours(docker, tag, NAME)
    return BuildRequest(given.context(found.id), tag, {"BASE": base}, host_ca_bundle(os.environ), anew=again)
