"""`warmgate scale`: keep another number of instances warm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gateway.cli import choice
from gateway.cli.client import admin
from gateway.cli.main import STATUSES, config_option, preset_option, run, settings

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings


@click.command(name="scale", epilog=STATUSES)
@click.argument("wishes", nargs=-1, required=True, metavar="POOL=N...")
@config_option
@preset_option
def command(wishes: tuple[str, ...], file: Path | None, preset: str | None) -> None:
    """Keep N instances of POOL warm, from now until the gateway restarts.

    N goes from 0 to the pool's `max`; with `sizing = "adaptive"` it is the least that is kept. All wishes are
    looked at before the first is carried out.

    \b
    Example, before a course of thirty begins:
      warmgate scale jupyter=30 viewer=2
    """  # noqa: D301 - click looks for the character
    run(_scale(settings(file, preset, {}).settings, wishes))


async def _scale(settings: Settings, wishes: tuple[str, ...]) -> None:
    async with admin(settings) as client:
        overview, _ = await client.overview(measure=False)
        for pool, warm in choice.scales(overview, wishes):
            scaled = await client.scale(pool.name, warm)
            click.echo(f"{scaled.pool}: {pool.warm} → {scaled.warm}")
            if scaled.warm > pool.capacity:
                click.echo(
                    f"  The memory budget holds {pool.capacity} of these; see [memory] budget.", err=True
                )
