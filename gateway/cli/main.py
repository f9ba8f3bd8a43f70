"""The command's frame: options all subcommands share, and how an error ends the program."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config import ConfigError, WarmgateError, load
from config.show import problems_list
from gateway.version import TOLD

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from config import Loaded

BAD_CONFIG = 2
FAILED = 1
INTERRUPTED = 130

STATUSES = """Exit status: 0 done; 1 failed, and a code W… with its remedy says why; 2 the settings or the
command line cannot be used; 130 stopped with Ctrl-C."""

COMMANDS: Mapping[str, str] = {
    "serve": "gateway.cli.serve",
    "check": "gateway.cli.check",
    "build": "gateway.cli.build",
    "ps": "gateway.cli.ps",
    "logs": "gateway.cli.logs",
    "release": "gateway.cli.release",
    "scale": "gateway.cli.scale",
    "drain": "gateway.cli.drain",
    "doctor": "gateway.cli.doctor",
}


class Lazy(click.Group):
    """Imports a subcommand when it is used, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names `--help` shows."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the subcommand of this name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run it; an error of ours is told in a few lines, not in a traceback."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo(problems_list(error), err=True)
            sys.exit(BAD_CONFIG)
        except WarmgateError as error:
            click.echo(f"{error.code}: {error}\n{error.remedy}", err=True)
            sys.exit(FAILED)


@click.group(cls=Lazy, epilog=STATUSES)
@click.version_option(TOLD, package_name="warmgate")
def main() -> None:
    """Hand every visitor a warm notebook of their own, in milliseconds."""


config_option = click.option(
    "--config", "file", type=click.Path(path_type=Path), help="Settings as a TOML file."
)
preset_option = click.option("--preset", help="Settings to start from: dev, prod or test.")


def settings(file: Path | None, preset: str | None, flags: Mapping[str, object]) -> Loaded:
    """Load settings from preset, file, environment and flags. Raises ConfigError."""
    return load(file, preset, os.environ, flags)


def run(work: Coroutine[object, object, None]) -> None:
    """Run a command that may be stopped with Ctrl-C at any time; that is no error, and it says nothing."""
    try:
        asyncio.run(work)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
