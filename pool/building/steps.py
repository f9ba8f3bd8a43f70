"""The named steps of a build: how they begin, how long each took and whether it was done before."""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pool.building.builder import BuildRequest, ImageBuilder
    from pool.building.output import BuildProgress

NAMED = re.compile(r"# step: (.+)")
FINISHING = "finishing"
"""What comes before a Dockerfile's first name, and after its last instruction: labels."""

CACHED = "---> Using cache"


def step_names(dockerfile: str) -> tuple[str, ...]:
    """Return the name of each instruction's step: what the last comment `# step: …` above it says."""
    names: list[str] = []
    name, goes_on = FINISHING, False
    for line in dockerfile.splitlines():
        if found := NAMED.fullmatch(line.strip()):
            name = found[1]
        elif line.strip() and not line.strip().startswith("#"):
            if not goes_on:
                names.append(name)
            goes_on = line.rstrip().endswith("\\")
    return tuple(names)


class Watcher(Protocol):
    """Is told how a build goes."""

    def see(self, step: str, line: str) -> None:
        """Take in a line of a step; the first one is that step's beginning."""

    def remark(self, text: str) -> None:
        """Take in what a person should read at once."""


async def carry_out(builder: ImageBuilder, request: BuildRequest, watcher: Watcher) -> list[Step]:
    """Build to the end, telling the watcher; return the steps. Raises what `builder.build` does."""
    timetable = Timetable(step_names(request.sent().files["Dockerfile"].decode()))
    elapsed = 0.0
    async with aclosing(builder.build(request)) as build:
        async for at in build:
            elapsed = at.elapsed
            watcher.see(timetable.see(at), at.text)
    return timetable.finish(elapsed)


@dataclass(slots=True)
class Step:
    """A named step: seconds it took, and how many of its instructions ran or were found done."""

    name: str
    seconds: float = 0.0
    ran: int = 0
    kept: int = 0

    @property
    def as_before(self) -> bool:
        """Whether nothing of it had to be done again."""
        return self.kept > 0 and self.ran == 0


class Timetable:
    """Follows a build's output; a name that comes back is one step, and its times are added."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._steps: dict[str, Step] = {}
        self._number = 0
        self._name = ""
        self._since = 0.0
        self._undecided = False

    def see(self, progress: BuildProgress) -> str:
        """Take in a line; return the name of the step it belongs to."""
        if progress.step != self._number:
            self._close(progress.elapsed)
            self._number = progress.step
            known = 0 < progress.step <= len(self._names)
            self._name = self._names[progress.step - 1] if known else FINISHING
            # These two do nothing that could be kept.
            self._undecided = not progress.text.startswith(("FROM", "ARG"))
        elif CACHED in progress.text and self._undecided:
            self._at().kept += 1
            self._undecided = False
        return self._name

    def finish(self, elapsed: float) -> list[Step]:
        """Return the steps in the order they began."""
        self._close(elapsed)
        self._number = 0
        return [step for step in self._steps.values() if step.name != FINISHING]

    def _at(self) -> Step:
        return self._steps.setdefault(self._name, Step(self._name))

    def _close(self, elapsed: float) -> None:
        if self._number:
            step = self._at()
            step.seconds += elapsed - self._since
            step.ran += self._undecided
        self._since, self._undecided = elapsed, False
