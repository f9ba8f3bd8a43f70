"""Tells a person how a build goes: each step as it begins, and no wait without a sign of life."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import click

from pool.building.steps import FINISHING

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET = 5.0
"""Seconds without a line after which there is a sign of life."""

WIDTH = 110


class Progress:
    """Watches the builds of an image and prints on stderr. An async context manager."""

    def __init__(self, tag: str, clock: Callable[[], float]) -> None:
        self._header = f"Building image {tag}."
        self._clock = clock
        self._began = clock()
        self._begun = {FINISHING}
        self._last = ""
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._wait()
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._stop_waiting()

    def elapsed(self) -> float:
        """Return the seconds since this began."""
        return self._clock() - self._began

    def see(self, step: str, line: str) -> None:
        """Take in a line of a step: its beginning is told, the line where all else is silent for long."""
        if self._header:
            click.echo(self._header, err=True)
            self._header = ""
        if step not in self._begun:
            self._begun.add(step)
            self._last = step
            self._print(step)
        # Between its instructions an engine tells ids only.
        if line and not line.startswith(" --->"):
            self._last = line.strip()

    def remark(self, text: str) -> None:
        """Print at once what is no step."""
        for line in text.splitlines():
            self._print(f"  {line}")

    def _wait(self) -> None:
        self._stop_waiting()
        self._timer = asyncio.get_running_loop().call_later(QUIET, self._give_sign)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _give_sign(self) -> None:
        self._print(f"  … {self._last or 'waiting for the engine'}")

    def _print(self, line: str) -> None:
        click.echo(f"{self.elapsed():5.0f} s  {line[:WIDTH]}", err=True)
        self._wait()
