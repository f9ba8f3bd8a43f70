"""`warmgate build pluto`."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.build.making import OWN, THERE
from gateway.cli.build.options import tag_option
from gateway.cli.build.progress import Progress
from gateway.cli.build.report import AS_BEFORE, Report, size
from gateway.cli.main import run
from pool.building.context import host_ca_bundle
from pool.building.folder import NOTHING, read_folder
from pool.building.pluto.build import PlutoBuilder
from pool.building.pluto.images import TRACE_TIMEOUT, PlutoChoice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pool.building.folder import NotebookFolder
    from pool.building.pluto.build import Built


@click.command(name="pluto")
@click.option(
    "--notebooks",
    type=click.Path(path_type=Path),
    help="Folder with notebooks, their data and Project.toml; without it there is Pluto's start page.",
)
@tag_option
@click.option(
    "--base", default="", help="Image with Julia to start from; julia:VERSION-bookworm when not given."
)
@click.option("--julia", default="", metavar="VERSION", help="Julia's version; a --base must have it.")
@click.option(
    "--pluto", default="", metavar="VERSION", help="Pluto's version; the newest that fits when not given."
)
@click.option(
    "--package", "packages", multiple=True, metavar="NAME", help="One more package; may be repeated."
)
@click.option("--cpu-target", default="", help="Processors the image is for; any of its kind when not given.")
@click.option("--pkg-server", default="", metavar="URL", help="A Julia package server of your own.")
@click.option(
    "--no-sysimage", is_flag=True, help="Leave out the system image: built in a fraction, starts slower."
)
@click.option(
    "--trace-timeout",
    type=click.FloatRange(min=1),
    default=TRACE_TIMEOUT,
    show_default=True,
    help="Seconds one notebook may run while the build watches it.",
)
@click.option(
    "--again",
    "--retrace",
    is_flag=True,
    help="Build all anew, with a fresh trace, even where nothing changed.",
)
def command(
    notebooks: Path | None, tag: str | None, *, again: bool, no_sysimage: bool, **chosen: object
) -> None:
    """Your notebooks on Pluto, with one system image for server and notebooks.

    \b
    warmgate build pluto --notebooks ./course --tag course/pluto

    An edited cell is built in seconds; the system image is made again only when packages change.
    """  # noqa: D301 - click's own mark for lines to keep
    folder = NOTHING if notebooks is None else read_folder(notebooks)
    choice = PlutoChoice(sysimage=not no_sysimage, **chosen)  # type: ignore[arg-type] # named as click names them
    run(_make(folder, choice, tag or f"{OWN}pluto", again=again))


async def _make(folder: NotebookFolder, choice: PlutoChoice, tag: str, *, again: bool) -> None:
    async with Progress(tag, time.monotonic) as progress:
        builder = PlutoBuilder(folder, choice, tag, time.monotonic, progress, host_ca_bundle(os.environ))
        built = await builder.build(again=again)
    if not built.server and not built.layer:
        click.echo(THERE.format(tag), err=True)
        return
    report(built, progress.elapsed()).print()


def report(built: Built, elapsed: float) -> Report:
    """Return what the build of both images came to."""
    return Report(
        built.tag,
        [*built.server, *built.layer],
        elapsed,
        built.size,
        [*_more(built)],
        built.story.warnings,
    )


def _more(built: Built) -> Iterator[tuple[str, str]]:
    facts = built.story.facts
    if not built.server:
        yield "packages and system image", AS_BEFORE
    if not built.layer:
        yield "notebooks", AS_BEFORE
    if "kept" in facts:
        yield "statements traced, kept", f"{facts['traced']}, {facts['kept']}"
    if "up, prove" in facts:
        yield "start until Pluto answers", f"{facts['up, prove']} s"
    if "packages" in facts:
        yield "Julia, Pluto, packages", f"{facts.get('julia')}, {facts.get('pluto')}, {facts['packages']}"
    sizes = {"sysimage": "system image", "depot": "packages", "first": "in every visitor's home"}
    yield from ((name, size(float(facts[key]))) for key, name in sizes.items() if key in facts)
    yield "layer of notebooks", size(built.size - built.server_size)
