"""`warmgate check`: print the effective settings, or everything that is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from config.show import settings_table
from gateway.app import resolved_budget
from gateway.cli.main import config_option, preset_option, settings

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="check")
@config_option
@preset_option
def command(file: Path | None, preset: str | None) -> None:
    """Print the effective settings; with errors, name each key and exit 2."""
    loaded = settings(file, preset, {})
    total = resolved_budget(loaded.settings)
    click.echo(settings_table(loaded))
    click.echo()
    click.echo(f"Budget: {total // 2**20} MiB, which holds at most")
    for pool in loaded.settings.pools:
        count = min(pool.max, total // pool.memory)
        click.echo(f"  {count:>4} of pool {pool.name} ({pool.memory // 2**20} MiB each, max {pool.max})")
