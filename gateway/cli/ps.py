"""`warmgate ps`: list instances."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from gateway.cli.client import admin
from gateway.cli.errors import GatewayUnreachable
from gateway.cli.listing import listing
from gateway.cli.main import STATUSES, config_option, preset_option, run, settings

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings
    from gateway.cli.answers import Overview
    from gateway.cli.client import AdminClient

WATCH_EVERY = 2.0
"""Seconds between two looks, when --watch does not say."""

WIDE = 200
"""Columns where no terminal tells its width: nothing is cut from a line that a program reads."""


@click.command(name="ps", epilog=STATUSES)
@config_option
@preset_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print the admin port's answer, one line for each look."
)
@click.option(
    "--watch",
    type=click.FloatRange(0.2, 3600),
    is_flag=False,
    flag_value=WATCH_EVERY,
    metavar="[SECONDS]",
    help=f"Look again and again, every {WATCH_EVERY:g} seconds when not said otherwise.",
)
@click.option("--no-measure", is_flag=True, help="Leave out the measured memory, which may take a second.")
def command(
    file: Path | None, preset: str | None, watch: float | None, *, as_json: bool, no_measure: bool
) -> None:
    """List every instance with its state, age, idle time, charge and measured memory.

    Elsewhere a part of an id is enough, as long as it begins only one of them.

    \b
    Example, refreshed every five seconds:
      warmgate ps --config warmgate.toml --watch 5
    """  # noqa: D301 - click looks for the character
    loaded = settings(file, preset, {})
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    listed = Listed(console, as_json=as_json, measure=not no_measure, every=watch)
    run(listed.run(loaded.settings))


class Listed:
    """One run of the command. `every` is seconds between two looks, None for a single one."""

    def __init__(self, console: Console, *, as_json: bool, measure: bool, every: float | None) -> None:
        self._console = console
        self._as_json = as_json
        self._measure = measure
        self._every = every

    async def run(self, settings: Settings) -> None:
        """Look once, or until stopped. Raises the errors of AdminClient."""
        async with admin(settings) as client:
            if self._console.is_terminal and not self._as_json:
                await self._draw(client)
            else:
                await self._print(client)

    async def _print(self, client: AdminClient) -> None:
        while True:
            overview, body = await client.overview(measure=self._measure)
            if self._as_json:
                click.echo(body)
            else:
                self._console.print(listing(overview))
            if self._every is None:
                return
            if not self._as_json:
                click.echo()
            await asyncio.sleep(self._every)

    async def _draw(self, client: AdminClient) -> None:
        """Show at once what is known and fill in the memory when it has been measured."""
        overview, _ = await client.overview(measure=False)
        shown = listing(overview, measuring=self._measure)
        with Live(shown, console=self._console, auto_refresh=False) as live:
            if self._measure or self._every is not None:
                while True:
                    try:
                        overview, _ = await client.overview(measure=self._measure)
                        live.update(listing(overview), refresh=True)
                    except GatewayUnreachable as error:
                        if self._every is None:
                            raise
                        live.update(_stale(overview, error), refresh=True)
                    if self._every is None:
                        return
                    await asyncio.sleep(self._every)


def _stale(overview: Overview, error: GatewayUnreachable) -> Group:
    return Group(listing(overview), Text(f"{error.code}: {error}; looking again", style="red"))
