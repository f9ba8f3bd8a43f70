"""Tells a build of named steps, and at its end what it came to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from pool.building.steps import FINISHING, Timetable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from pool.building.builder import BuildProgress
    from pool.building.steps import Step

QUIET = 5.0
"""Seconds without a line after which there is a sign of life."""

WIDTH = 90


class Progress:
    """Prints each named step as it begins, and of a long one every few seconds its latest line."""

    def __init__(self, names: tuple[str, ...], clock: Callable[[], float]) -> None:
        self._timetable = Timetable(names)
        self._clock = clock
        self._began = clock()
        self._told = {FINISHING}
        self._name = ""
        self._last = ""
        self._timer: asyncio.TimerHandle | None = None

    async def follow(self, build: AsyncIterator[BuildProgress]) -> list[Step]:
        """Read a build to its end; return its steps."""
        elapsed = 0.0
        self._set_timer()
        try:
            async for at in build:
                elapsed = at.elapsed
                if self._see(at):
                    self._set_timer()
        finally:
            self._set_timer(again=False)
        return self._timetable.finish(elapsed)

    def _set_timer(self, *, again: bool = True) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(QUIET, self._remind) if again else None

    def _remind(self) -> None:
        self._print(f"{self._name}: {self._last}" if self._last else self._name)
        self._set_timer()

    def _see(self, at: BuildProgress) -> bool:
        self._name, self._last = self._timetable.see(at), at.text
        if self._name in self._told:
            return False
        self._told.add(self._name)
        self._print(self._name)
        return True

    def _print(self, line: str) -> None:
        click.echo(f"{self._clock() - self._began:5.0f} s  {line[:WIDTH]}", err=True)


def summary(tag: str, steps: list[Step], *, size: int, layers: Mapping[str, int]) -> str:
    """Return what was built: the image's size, and of each step its time and the size of its layer."""
    whole = sum(step.seconds for step in steps)
    lines = [f"Image {tag} is built: {whole:.1f} s, {megabytes(size)}."]
    wide = max((len(step.name) for step in steps), default=0)
    for step in steps:
        took = "as before" if step.as_before else f"{step.seconds:7.1f} s"
        layer = f"{megabytes(layers[step.name]):>12}" if step.name in layers else ""
        lines.append(f"  {step.name:<{wide}}  {took:>9}{layer}".rstrip())
    return "\n".join(lines)


def megabytes(size: int) -> str:
    """Return a size as `docker images` tells it, in thousands of thousands of bytes."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
