"""`warmgate logs`: what instances have written, and go on writing."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING
from zlib import crc32

import click

from gateway.cli import choice
from gateway.cli.client import admin
from gateway.cli.main import STATUSES, config_option, preset_option, run, settings
from gateway.cli.reading import Reading
from pool.identity import short

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings

LINES = 100
COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "bright_red")
"""One for each instance, always the same."""


@click.command(name="logs", epilog=STATUSES)
@click.argument("instance", required=False, metavar="[ID]")
@config_option
@preset_option
@click.option("--pool", help="Show all instances of this pool.")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(0, 10_000),
    default=LINES,
    show_default=True,
    help="Lines of each instance that come first.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written from now on.")
def command(
    instance: str | None, file: Path | None, preset: str | None, pool: str | None, lines: int, *, follow: bool
) -> None:
    """Show what the instance ID has written; without ID, what all have, each line with its instance.

    The beginning of an id is enough. Tokens, session ids and colours are taken out. A single instance is
    followed until it ends; what it writes in its last half second may go with it.

    \b
    Example, all instances of a pool from now on:
      warmgate logs --follow --lines 0 --pool jupyter
    """  # noqa: D301 - click looks for the character
    if instance is not None and pool is not None:
        raise click.UsageError("give an ID or --pool, not both")
    loaded = settings(file, preset, {})
    run(_logs(loaded.settings, instance, pool, lines, follow=follow))


async def _logs(
    settings: Settings, wanted: str | None, pool: str | None, lines: int, *, follow: bool
) -> None:
    async with admin(settings) as client:
        overview, _ = await client.overview(measure=False)
        show = _alone if wanted is not None else _among_others
        reading = Reading(client, lines, show, _note, sleep=asyncio.sleep, clock=time.monotonic)
        if wanted is not None:
            chosen = [choice.instance(overview, wanted).id]
        else:
            name = None if pool is None else choice.pool(overview, pool).name
            chosen = [each.id for each in overview.instances if name in {None, each.pool}]
        if not follow:
            await reading.once(chosen)
        elif wanted is not None:
            await reading.follow(chosen[0])
            _note(f"Instance {short(chosen[0])} has ended.")
        else:
            await reading.follow_pool(pool)


def _alone(_instance_id: str, line: str) -> None:
    click.echo(line)


def _among_others(instance_id: str, line: str) -> None:
    name = short(instance_id)
    if not os.environ.get("NO_COLOR"):
        name = click.style(name, fg=COLOURS[crc32(instance_id.encode()) % len(COLOURS)])
    click.echo(f"{name}  {line}")


def _note(sentence: str) -> None:
    click.echo(sentence, err=True)
