"""`warmgate build jupyter`."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.build.making import OWN, make_shipped
from gateway.cli.build.options import again_option, base_option
from gateway.cli.build.own import Given, make_own
from gateway.cli.main import run

SHIPPED = "jupyter"

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name=SHIPPED)
@click.option("--notebooks", type=FOLDER, help="Folder of notebooks and data: what a visitor finds at home.")
@click.option("--requirements", type=FILE, help="Packages for pip; with hashes in it all are checked.")
@click.option("--environment", type=FILE, help="A conda environment.yml, in place of --requirements.")
@click.option("--tag", help="Name of the image; needed for an image of your own.")
@base_option
@again_option
def command(
    notebooks: Path | None,
    requirements: Path | None,
    environment: Path | None,
    tag: str | None,
    base: str | None,
    *,
    again: bool,
) -> None:
    """Notebook 7, JupyterLab and a Python kernel; with notebooks or packages, an image of your own.

    An image of your own starts from warmgate/jupyter, or from --base; warmgate/datascience has R and Octave.
    Notebooks are its last layer, so that after an edit it is built again in seconds.
    """
    if requirements and environment:
        raise click.UsageError("give --requirements or --environment, not both")
    if not (notebooks or requirements or environment):
        run(make_shipped(SHIPPED, tag=tag, base=base, again=again))
        return
    if not tag:
        raise click.UsageError("an image of your own needs a name: --tag NAME")
    if tag.startswith(OWN):
        raise click.UsageError(f"names that begin with {OWN} are those of the images that come with warmgate")
    given = Given.read(notebooks, requirements, environment)
    run(make_own(given, tag=tag, base=base or OWN + SHIPPED, again=again))
