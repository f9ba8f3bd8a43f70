"""`warmgate build`: make the images that come with warmgate."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import aclosing
from typing import TYPE_CHECKING

import click

from pool.engines.docker_calls import open_client
from pool.errors import EngineUnavailable
from pool.images.builder import BuildRequest, ImageBuilder
from pool.images.context import SHIPPED, host_ca_bundle, read_context, shipped_images

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from config import Settings
    from pool.images.builder import BuildProgress

OWN = "warmgate/"
"""Names that begin so are images of ours; any other is the operator's to provide."""

TELL_EVERY = 5.0
"""Seconds between two lines of a build step that goes on and on."""


@click.command(name="build")
@click.argument("name", type=click.Choice(shipped_images()))
@click.option("--tag", help="Name of the image; warmgate/NAME when not given.")
@click.option("--base", help="Image everything starts from, instead of the Dockerfile's own choice.")
@click.option("--again", is_flag=True, help="Build even where nothing has changed.")
def command(name: str, tag: str | None, base: str | None, *, again: bool) -> None:
    """Build the image NAME unless it is there and still what it should be."""
    args = {} if base is None else {"BASE": base}
    asyncio.run(_build(name, tag or OWN + name, args, again=again))


async def build_missing(settings: Settings) -> None:
    """Build those of warmgate's own images that a pool names and Docker lacks; without Docker do nothing."""
    names = {pool.image.removeprefix(OWN) for pool in settings.pools if pool.image.startswith(OWN)}
    for name in sorted(names & set(shipped_images())):
        try:
            await _build(name, OWN + name, {})
        except EngineUnavailable as error:
            click.echo(f"No image is built, as Docker does not answer: {error.detail}", err=True)
            return


async def _build(name: str, tag: str, args: dict[str, str], *, again: bool = False) -> None:
    request = BuildRequest(read_context(SHIPPED / name), tag, args, host_ca_bundle(os.environ))
    async with open_client(None) as docker:
        builder = ImageBuilder(docker, time.monotonic)
        if not again and not await builder.needs_build(request):
            click.echo(f"Image {tag} is there.", err=True)
            return
        click.echo(f"Building image {tag}; this takes a minute or two, once.", err=True)
        async with aclosing(builder.build(request)) as build:
            await _tell(build)
        click.echo(f"Image {tag} is built.", err=True)


async def _tell(build: AsyncGenerator[BuildProgress]) -> None:
    """Print each step as it begins, and a sign of life from the long ones."""
    step, told = -1, 0.0
    async for at in build:
        if at.step != step or at.elapsed - told >= TELL_EVERY:
            step, told = at.step, at.elapsed
            click.echo(f"  {at.elapsed:4.0f} s  {at.step:>2}/{at.steps}  {at.text[:90]}", err=True)
