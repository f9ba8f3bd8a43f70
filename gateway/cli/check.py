"""`warmgate check`: print the effective settings, or everything that is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from config.show import settings_table
from gateway.budget import budget_of, lines
from gateway.cli.main import config_option, preset_option, settings
from gateway.session_hosts import needs

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="check")
@config_option
@preset_option
def command(file: Path | None, preset: str | None) -> None:
    """Print the effective settings; with errors, name each key and exit 2."""
    loaded = settings(file, preset, {})
    budget = budget_of(loaded.settings)
    click.echo(settings_table(loaded))
    click.echo()
    for line in lines(loaded.settings, budget):
        click.echo(line)
    gateway = loaded.settings.gateway
    for line in needs(gateway.public_url, gateway.session_domain):
        click.echo(line)
