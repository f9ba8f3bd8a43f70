"""Makes an image and tells how it goes; what all subcommands share."""

from __future__ import annotations

import os
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from pool.building.bases import default_base, known_by_base
from pool.building.builder import BuildRequest, ImageBuilder
from pool.building.context import SHIPPED, host_ca_bundle, read_context, shipped_images
from pool.engines.docker_calls import open_client
from pool.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from config import Settings
    from pool.building.builder import BuildProgress

OWN = "warmgate/"
"""Names that begin so are images of ours; any other is the operator's to provide."""

TELL_EVERY = 5.0
"""Seconds between two lines of a build step that goes on and on."""


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
    await make(BuildRequest(context, tag or OWN + name, args, host_ca_bundle(os.environ)), again=again)


async def make(request: BuildRequest, *, again: bool = False) -> None:
    """Build what is asked for, unless it is there."""
    async with open_client(None) as docker:
        builder = ImageBuilder(docker, time.monotonic)
        if not again and not await builder.needs_build(request):
            click.echo(f"Image {request.tag} is there.", err=True)
            return
        click.echo(f"Building image {request.tag}; this takes a minute or two, once.", err=True)
        async with aclosing(builder.build(request)) as build:
            await _tell(build)
        click.echo(f"Image {request.tag} is built.", err=True)


async def _tell(build: AsyncGenerator[BuildProgress]) -> None:
    """Print each step as it begins, and a sign of life from the long ones."""
    step, told = -1, 0.0
    async for at in build:
        if at.step != step or at.elapsed - told >= TELL_EVERY:
            step, told = at.step, at.elapsed
            click.echo(f"  {at.elapsed:4.0f} s  {at.step:>2}/{at.steps}  {at.text[:90]}", err=True)
