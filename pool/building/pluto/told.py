"""What the scripts of a build tell: one line each, `@warmgate` and a JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from pool.building.errors import (
    BaseUnfit,
    ImageBuildFailed,
    MemoryTooSmall,
    NotebookInvalid,
    PackageUnresolved,
    PlutoSilent,
    ProjectMissing,
    SysimageFailed,
)
from pool.building.output import MARK

if TYPE_CHECKING:
    from pool.building.steps import Watcher


KILLED = "non-zero code: 137"
"""In what an engine says of a step whose process was killed."""

ERRORS: Mapping[str, type[ImageBuildFailed]] = {
    "base": BaseUnfit,
    "notebook": NotebookInvalid,
    "package": PackageUnresolved,
    "project": ProjectMissing,
    "server": PlutoSilent,
    "sysimage": SysimageFailed,
}

LINES: Mapping[str, str] = {
    "ran": "{ran}: {seconds} s",
    "alive": "{alive}: {seconds:.0f} s",
    "up": "Pluto answers after {seconds} s",
}
"""What is worth a line of its own, by the field that tells it."""

Told = Mapping[str, str | float]


def read_line(line: str) -> Told | None:
    """Return what a line of a build's output tells, or nothing when it is a program's own."""
    if not line.startswith(MARK):
        return None
    try:
        told = orjson.loads(line.removeprefix(MARK))
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None


@dataclass(slots=True)
class BuildStory:
    """What is known of a build from what it told so far."""

    step: str = ""
    """The name of the step that runs."""
    warnings: list[str] = field(default_factory=list)
    facts: dict[str, str | float] = field(default_factory=dict)
    """Numbers: `packages`, `traced`, `kept`, `sysimage` (bytes), `depot` (bytes) and the like."""
    failure: ImageBuildFailed | None = None

    def hear(self, told: Told) -> str:
        """Take in what was told; return the line a person should read of it, or nothing."""
        if "error" in told:
            self.failure = ERRORS.get(str(told["error"]), ImageBuildFailed)(str(told.get("text", "")))
            return ""
        if "warning" in told:
            where = f"{told['notebook']} " if "notebook" in told else ""
            self.warnings.append(f"{where}{told.get('text', '')}")
            return f"warning: {self.warnings[-1]}"
        if "up" in told:
            self.facts[f"up, {told['up']}"] = told["seconds"]
        elif not told.keys() & LINES.keys():
            self.facts.update(told)
        return next((line.format(**told) for key, line in LINES.items() if key in told), "")

    def failed(self, error: ImageBuildFailed) -> ImageBuildFailed:
        """Return what a failed build is told as: what a script has said, else what the engine knows."""
        step = self.step or "preparing"
        if self.failure is None and KILLED in error.detail:
            return MemoryTooSmall(f"a process was killed while {step}: most likely it ran out of memory")
        if isinstance(self.failure, SysimageFailed):
            # PackageCompiler's processes print what went wrong; only that they ended is known of them.
            _, _, lines = error.detail.partition("\n")
            return SysimageFailed(f"{self.failure.detail}\n{lines}")
        return self.failure or error


@dataclass(frozen=True, slots=True)
class Listener:
    """Watches a build whose scripts tell something; a person's watcher gets the rest."""

    story: BuildStory
    watcher: Watcher

    def see(self, step: str, line: str) -> None:
        """Take in a line of a step."""
        self.story.step = step
        told = read_line(line)
        text = line if told is None else self.story.hear(told)
        if told is None or "alive" in told:
            self.watcher.see(step, text)
            return
        self.watcher.see(step, "")
        if text:
            self.watcher.remark(text)

    def remark(self, text: str) -> None:
        """Hand it on."""
        self.watcher.remark(text)
