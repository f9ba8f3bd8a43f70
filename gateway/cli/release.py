"""`warmgate release`: let a running gateway take up changed settings and images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gateway.cli.client import admin
from gateway.cli.main import STATUSES, config_option, preset_option, run, settings

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings
    from gateway.cli.answers import PoolRelease


@click.command(name="release", epilog=STATUSES)
@config_option
@preset_option
def command(file: Path | None, preset: str | None) -> None:
    """Take up settings and images as they are now; SIGHUP does the same.

    A pool whose image or settings changed warms a new generation, its old warm instances leave one for
    one, and sessions go on. The gateway reads its own file and environment anew; [gateway] and [engine] only
    count
    after a restart.

    \b
    Example, after the image of a course was built anew:
      warmgate build jupyter && warmgate release
    """  # noqa: D301 - click looks for the character
    run(_release(settings(file, preset, {}).settings))


async def _release(settings: Settings) -> None:
    async with admin(settings) as client:
        released = await client.release()
    width = max(map(len, released.pools))
    for name, pool in released.pools.items():
        click.echo(f"{name:<{width}}  {_told(pool)}")
    if released.restart_needed:
        click.echo(f"Only after a restart: {', '.join(released.restart_needed)}")


def _told(pool: PoolRelease) -> str:
    if not pool.now:
        return "its image is missing; what is warm stays (see /readyz)"
    if not pool.new:
        return f"as before ({pool.now})"
    return f"new generation {pool.now}, which is warming" + (f"; was {pool.before}" if pool.before else "")
