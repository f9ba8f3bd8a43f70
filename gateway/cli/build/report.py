"""What a build came to, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pool.building.steps import Step

AS_BEFORE = "as before"
"""Of what was not made again."""


@dataclass(frozen=True, slots=True)
class Report:
    """An image that is built: its steps, the seconds of all, and what else is worth a row or a warning."""

    tag: str
    steps: Sequence[Step]
    elapsed: float
    size: int
    more: Sequence[tuple[str, str]] = ()
    warnings: Sequence[str] = ()

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield the table's lines: what took how long, then what is how large."""
        for step in self.steps:
            yield step.name, AS_BEFORE if step.as_before else f"{step.seconds:.1f} s"
        yield "in all", f"{self.elapsed:.1f} s"
        yield from self.more
        yield "image", size(self.size)

    def print(self) -> None:
        """Print it on stderr, warnings below."""
        made = Table("", self.tag, box=None, pad_edge=False)
        made.columns[1].justify = "right"
        for name, value in self.rows():
            made.add_row(name, value)
        console = Console(stderr=True, highlight=False)
        console.print(made)
        for warning in dict.fromkeys(self.warnings):
            console.print(f"warning: {warning}", markup=False)


def size(size: float) -> str:
    """Return a size as `docker images` tells it, in thousands of thousands of bytes."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
