"""`warmgate serve`: run the gateway."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import click
import uvloop

from config import state_dir
from gateway import logs
from gateway.cli.build.making import make_missing
from gateway.cli.main import config_option, preset_option, settings
from gateway.server import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from config import Settings


@click.command(name="serve")
@config_option
@preset_option
@click.option("--host", help="Address visitors are served on.")
@click.option("--port", type=int, help="TCP port visitors are served on.")
@click.option("--build", is_flag=True, help="First build those of warmgate's own images that are missing.")
def command(
    file: Path | None, preset: str | None, host: str | None, port: int | None, *, build: bool
) -> None:
    """Serve visitors until stopped by SIGTERM or Ctrl-C."""

    def load() -> Settings:
        return settings(file, preset, {"gateway.host": host, "gateway.port": port}).settings

    chosen = load()
    logs.configure(chosen.gateway.log_format)
    folder = state_dir(chosen, os.environ, os.geteuid())

    async def main() -> None:
        if build:
            await make_missing(chosen)
        if kept := await run(chosen, folder, announce, load):
            click.echo(
                f"\n  Notebooks still in use: {kept}. They go on running, and the next start finds them.\n"
                '  With `on_stop = "remove_all"` in [gateway] they end with the gateway.\n'
            )

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def announce(address: str, budget: Sequence[str]) -> None:
    """Tell the person at the terminal where to look, and what there is room for."""
    click.echo(f"\n  Notebooks are served at {address}")
    for line in budget:
        click.echo(f"  {line}")
    click.echo("  Stop with Ctrl-C.\n")
