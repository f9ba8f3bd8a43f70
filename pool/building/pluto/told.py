"""What the scripts of a build tell: one line each, `@warmgate` and a JSON object. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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

MARK = "@warmgate "

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

NAMES: Mapping[str, str] = {
    "base": "looking at the base image",
    "notebooks": "reading the notebooks",
    "packages": "installing packages",
    "trace": "running the notebooks to see what is compiled",
    "sysimage": "making the system image",
    "prove": "running the notebooks on the finished image's own Julia",
    "image": "putting the image together",
    "layer": "adding the notebooks",
}
"""Steps in the scripts' words and in people's."""

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

    steps: list[tuple[str, float]] = field(default_factory=list)
    """Each step's name, and when it began (seconds since the build did)."""
    warnings: list[str] = field(default_factory=list)
    facts: dict[str, str | float] = field(default_factory=dict)
    """Numbers: `packages`, `traced`, `kept`, `sysimage` (bytes), `depot` (bytes) and the like."""
    failure: ImageBuildFailed | None = None
    ended: float = 0.0

    def hear(self, told: Told, elapsed: float) -> str:
        """Take in what was told; return the line a person should read of it, or nothing."""
        if "step" in told:
            name = NAMES.get(str(told["step"]), str(told["step"]))
            self.steps.append((name, elapsed))
            return name
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
        step = self.steps[-1][0] if self.steps else "preparing"
        if self.failure is None and KILLED in error.detail:
            return MemoryTooSmall(f"a process was killed while {step}: most likely it ran out of memory")
        if isinstance(self.failure, SysimageFailed):
            # PackageCompiler's processes print what went wrong; only that they ended is known of them.
            _, _, lines = error.detail.partition("\n")
            return SysimageFailed(f"{self.failure.detail}\n{lines}")
        return self.failure or error

    def durations(self) -> list[tuple[str, float]]:
        """Return each step with the seconds it took; the last one ended with the build."""
        ends = [*(began for _, began in self.steps), self.ended][1:]
        return [(name, end - began) for (name, began), end in zip(self.steps, ends, strict=True)]
