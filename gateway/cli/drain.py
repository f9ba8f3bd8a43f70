"""`warmgate drain`: end the warm instances, so that new ones are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gateway.cli import choice
from gateway.cli.client import admin
from gateway.cli.main import STATUSES, config_option, preset_option, run, settings
from pool.core.states import State

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings


@click.command(name="drain", epilog=STATUSES)
@click.argument("pool", required=False)
@config_option
@preset_option
def command(pool: str | None, file: Path | None, preset: str | None) -> None:
    """End the warm instances of POOL, or of all pools; new ones follow at once. Sessions go on.

    \b
    Example, when warm instances shall not wait for their turn after a release:
      warmgate drain jupyter
    """  # noqa: D301 - click looks for the character
    run(_drain(settings(file, preset, {}).settings, pool))


async def _drain(settings: Settings, pool: str | None) -> None:
    async with admin(settings) as client:
        overview, _ = await client.overview(measure=False)
        if pool is not None:
            pool = choice.pool(overview, pool).name
        drained = await client.drain(pool)
        overview, _ = await client.overview(measure=False)
    mine = [each for each in overview.instances if pool in {None, each.pool}]
    sessions = sum(each.state == State.ASSIGNED for each in mine)
    click.echo(f"{_count(drained, 'warm instance')} drained, {_count(sessions, 'session')} left in use")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
