"""`warmgate build` itself: which images there are to build."""

from __future__ import annotations

import click

from gateway.cli.build import datascience, jupyter, pluto


@click.group(name="build")
def command() -> None:
    """Build an image, unless it is there and still what it should be."""


command.add_command(jupyter.command)
command.add_command(datascience.command)
command.add_command(pluto.command)
