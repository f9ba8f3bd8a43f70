"""`warmgate build jupyter`."""

from __future__ import annotations

import click

from gateway.cli.build.making import make_shipped
from gateway.cli.build.options import again_option, base_option, tag_option
from gateway.cli.main import run


@click.command(name="jupyter")
@tag_option
@base_option
@again_option
def command(tag: str | None, base: str | None, *, again: bool) -> None:
    """Notebook 7, JupyterLab and a Python kernel."""
    run(make_shipped("jupyter", tag=tag, base=base, again=again))
