"""Tells a person how a long build goes, so that no wait is silent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET = 5.0
"""Seconds without a line after which there is a sign of life."""

STEP = "* "
"""What begins a line that is always told; others are told where nothing else was for a while."""

WIDTH = 110


class Telling:
    """Prints steps as they begin, and every `QUIET` seconds what is being done. An async context manager."""

    def __init__(self, what: str, clock: Callable[[], float]) -> None:
        self._what = what
        self._clock = clock
        self._began = clock()
        self._told = self._began
        self._at = ""
        self._tasks = asyncio.TaskGroup()
        self._ticking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._ticking = self._tasks.create_task(self._tick(), name="build-telling")
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        # What went wrong inside goes on as it is, not in a group.
        await self._tasks.__aexit__(None, None, None)

    def elapsed(self) -> float:
        """Return the seconds since this began."""
        return self._clock() - self._began

    def say(self, line: str, _elapsed: float) -> None:
        """Take a line: print it if it is a step, or if nothing was printed for a while."""
        if line.startswith(STEP):
            self._at = line.removeprefix(STEP)
            self._print(self._at)
        elif self._clock() - self._told >= QUIET:
            self._print(f"  {line}")

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(QUIET / 2)
            if self._clock() - self._told >= QUIET:
                self._print(f"  … {self._at or self._what}")

    def _print(self, line: str) -> None:
        self._told = self._clock()
        for part in line.splitlines():
            click.echo(f"{self.elapsed():5.0f} s  {part[:WIDTH]}", err=True)
