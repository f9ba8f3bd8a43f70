"""Makes an image and tells how it goes; what all subcommands share."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from gateway.cli.build.progress import Progress
from gateway.cli.build.report import Report, size
from pool.building.bases import default_base, known_by_base
from pool.building.builder import BuildRequest, open_builder
from pool.building.context import SHIPPED, host_ca_bundle, read_context, shipped_images
from pool.building.made import layer_sizes, look, must_be_ours
from pool.building.steps import carry_out
from pool.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config import Settings
    from pool.building.builder import ImageBuilder

OWN = "warmgate/"
"""Names that begin so are images of ours; any other is the operator's to provide."""

THERE = "Image {} is there, nothing to build."


async def make_missing(settings: Settings) -> None:
    """Build those of warmgate's own images that a pool names and Docker lacks; without Docker do nothing."""
    names = {pool.image.removeprefix(OWN) for pool in settings.pools if pool.image.startswith(OWN)}
    for name in sorted(names & set(shipped_images())):
        try:
            await make_shipped(name)
        except EngineUnavailable as error:
            click.echo(f"No image is built, as Docker does not answer: {error.detail}", err=True)
            return


async def make_shipped(
    name: str, *, tag: str | None = None, base: str | None = None, again: bool = False
) -> None:
    """Build an image that comes with warmgate, and first the one of ours it starts from."""
    args = {} if base is None else {"BASE": base}
    context = read_context(SHIPPED / name)
    if base is None and (ours := default_base(context)).startswith(OWN):
        await make_shipped(ours.removeprefix(OWN))
        context = await known_by_base(context, ours)
    request = BuildRequest(context, tag or OWN + name, args, host_ca_bundle(os.environ), anew=again)
    async with open_builder(time.monotonic) as builder:
        await make(builder, request)


async def make(builder: ImageBuilder, request: BuildRequest, layers: Mapping[str, str] | None = None) -> None:
    """Build what is asked for, unless it is there; tell how it goes and what it came to.

    Of `layers`, the folders some were copied to by what people call them, the sizes are told. Raises
    ImageForeign for what somebody else has made, ImageBuildFailed, EngineError and its kin.
    """
    if request.anew:
        await must_be_ours(builder.docker, request.tag, request.context.name)
    elif not await builder.needs_build(request):
        click.echo(THERE.format(request.tag), err=True)
        return
    async with Progress(request.tag, builder.clock) as progress:
        steps = await carry_out(builder, request, progress)
    found = await look(builder.docker, request.tag)
    sizes = await layer_sizes(builder.docker, request.tag, layers or {})
    more = [(name, size(layer)) for name, layer in sizes.items()]
    Report(request.tag, steps, progress.elapsed(), found.size if found else 0, more).print()
