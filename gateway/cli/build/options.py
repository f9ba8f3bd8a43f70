"""Options that every image has."""

from __future__ import annotations

import click

tag_option = click.option("--tag", help="Name of the image; warmgate/NAME when not given.")
base_option = click.option(
    "--base", help="Image everything starts from, instead of the Dockerfile's own choice."
)
again_option = click.option("--again", is_flag=True, help="Build all anew, even where nothing changed.")
