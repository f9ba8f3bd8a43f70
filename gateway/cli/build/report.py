"""What a build of notebooks made, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pool.building.pluto.build import Built
    from pool.building.pluto.told import BuildStory

MIB = 1024**2


def rows(built: Built, elapsed: float) -> Iterator[tuple[str, str]]:
    """Yield the table's lines: what took how long, what is how large, and how much was there already."""
    for story in (built.server, built.layer):
        yield from ((name, f"{seconds:.1f} s") for name, seconds in story.durations())
    yield "in all", f"{elapsed:.1f} s"
    if not built.server.steps:
        yield "packages and system image", "there already, not made again"
    if not built.layer.steps:
        yield "notebooks", "there already, not added again"
    yield from _facts(built.server)
    yield "image", _size(built.size)
    yield "of it above the server image", _size(built.size - built.server_size)


def table(built: Built, elapsed: float) -> None:
    """Print it on stderr, warnings below."""
    made = Table("", built.tag, box=None, pad_edge=False)
    made.columns[1].justify = "right"
    for name, value in rows(built, elapsed):
        made.add_row(name, value)
    console = Console(stderr=True, highlight=False)
    console.print(made)
    for warning in dict.fromkeys(built.server.warnings + built.layer.warnings):
        console.print(f"warning: {warning}", markup=False)


def _facts(server: BuildStory) -> Iterator[tuple[str, str]]:
    facts = server.facts
    if "kept" in facts:
        yield "statements traced, kept", f"{facts['traced']}, {facts['kept']}"
    if "up, prove" in facts:
        yield "start until Pluto answers", f"{facts['up, prove']} s"
    sizes = {"sysimage": "system image", "depot": "packages", "first": "in every visitor's home"}
    yield from ((name, _size(float(facts[key]))) for key, name in sizes.items() if key in facts)
    if "packages" in facts:
        yield "Julia, Pluto, packages", f"{facts.get('julia')}, {facts.get('pluto')}, {facts['packages']}"


def _size(size: float) -> str:
    return f"{size / 1024:.0f} KiB" if size < MIB else f"{size / MIB:.0f} MiB"
