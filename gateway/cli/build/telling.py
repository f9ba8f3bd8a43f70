"""Tells a build step by step, and at its end what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pool.images.steps import FINISHING, Timetable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from pool.images.builder import BuildProgress
    from pool.images.steps import Step

TELL_EVERY = 5.0
"""Seconds between two lines of a step that goes on and on."""

WIDTH = 90


async def tell(build: AsyncIterator[BuildProgress], names: tuple[str, ...]) -> list[Step]:
    """Print each named step as it begins, and a sign of life from the long ones; return the steps."""
    timetable, named, told, elapsed = Timetable(names), {FINISHING}, 0.0, 0.0
    async for at in build:
        elapsed, now = at.elapsed, timetable.see(at)
        if now not in named:
            named.add(now)
            told = elapsed
            click.echo(f"  {elapsed:4.0f} s  {now}", err=True)
        elif elapsed - told >= TELL_EVERY:
            told = elapsed
            click.echo(f"  {elapsed:4.0f} s  {now}: {at.text[:WIDTH]}", err=True)
    return timetable.finish(elapsed)


def summary(tag: str, steps: list[Step], *, size: int, layers: Mapping[str, int]) -> str:
    """Return what was built: the image's size, and of each step its time and the size of its layer."""
    whole = sum(step.seconds for step in steps)
    lines = [f"Image {tag} is built: {whole:.1f} s, {megabytes(size)}."]
    wide = max((len(step.name) for step in steps), default=0)
    for step in steps:
        took = "as before" if step.as_before else f"{step.seconds:7.1f} s"
        layer = f"{megabytes(layers[step.name]):>12}" if step.name in layers else ""
        lines.append(f"  {step.name:<{wide}}  {took:>9}{layer}".rstrip())
    return "\n".join(lines)


def megabytes(size: int) -> str:
    """Return a size as `docker images` tells it, in thousands of thousands of bytes."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
