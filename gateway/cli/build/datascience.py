"""`warmgate build datascience`."""

from __future__ import annotations

import click

from gateway.cli.build.making import make_shipped
from gateway.cli.build.options import again_option, base_option, tag_option
from gateway.cli.main import run


@click.command(name="datascience")
@tag_option
@base_option
@again_option
def command(tag: str | None, base: str | None, *, again: bool) -> None:
    """Kernels for Python, R and Octave, on top of warmgate/jupyter, which is built first if it must be."""
    run(make_shipped("datascience", tag=tag, base=base, again=again))
