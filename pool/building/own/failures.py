"""Reads from the last lines of a failed build what of the author's input it was. Pure."""

from __future__ import annotations

import re

from pool.building.errors import EnvironmentUnmet, EnvironmentUnreadable, ImageBuildFailed, RequirementsUnmet

UNREADABLE = "environment.yml cannot be used: "
UNMET = "environment.yml cannot be met: "
"""How `install_environment.py` begins the line that says why it failed."""

MOST_LINES = 12
"""Of a solver's explanation so many are told."""

_INSTALLER = "/build/install.sh"
_TOLD = "ERROR: "
_ENDS = re.compile(r"The command '|ERROR: |Removing intermediate container")
_PIP = (
    (re.compile(r"No matching distribution found for (.+)"), "{} is not to be had: no such name or version"),
    (re.compile(r"Invalid requirement: (.+)"), "{} is no requirement"),
    (
        re.compile(r"Cannot install (.+) because (?:these package versions|.* conflict)"),
        "{} do not go together",
    ),
    (
        re.compile(r"Failed building wheel for (\S+)"),
        "{} has no wheel for this Python and could not be compiled",
    ),
    (
        re.compile(r"Could not build wheels for (\S+),?"),
        "{} has no wheel for this Python and could not be compiled",
    ),
    (re.compile(r"Package '(.+)' requires a different Python: (?:.+)"), "{} is for another Python"),
)
_UNHASHED = re.compile(r"Hashes are required in --require-hashes mode")
_MISMATCH = re.compile(r"THESE PACKAGES DO NOT MATCH THE HASHES")
_NAMED_BELOW = re.compile(r"    (\S+).*")
_ORIGIN = re.compile(r" \(from (?:-r \S+ \()?line (\d+)(?: of [^)]+|\))\)")


def explained(error: ImageBuildFailed) -> ImageBuildFailed:
    """Return the error that names the author's mistake, or the same one where it was none that is known."""
    lines = error.detail.splitlines()
    for prefix, kind in ((UNREADABLE, EnvironmentUnreadable), (UNMET, EnvironmentUnmet)):
        for number, line in enumerate(lines):
            if line.startswith(prefix):
                said = [line.removeprefix(prefix), *_up_to_the_end(lines[number + 1 :])]
                return kind("\n".join(said[:MOST_LINES]))
    for number, line in enumerate(lines):
        if _UNHASHED.search(line) or _MISMATCH.search(line):
            named = next(
                (found[1] for below in lines[number + 1 :] if (found := _NAMED_BELOW.fullmatch(below))), ""
            )
            why = (
                "stands there without a hash"
                if _UNHASHED.search(line)
                else "is another file than its hash says"
            )
            return RequirementsUnmet(f"{named or 'a package'} {why}, and the list has hashes")
    for pattern, sentence in _PIP:
        for line in lines:
            if found := pattern.search(line):
                return RequirementsUnmet(sentence.format(_with_line(found[1])))
    told = [line.removeprefix(_TOLD) for line in lines if line.startswith(_TOLD)]
    return RequirementsUnmet("\n".join(told)) if told and _INSTALLER in lines[0] else error


def _up_to_the_end(lines: list[str]) -> list[str]:
    end = next((n for n, line in enumerate(lines) if _ENDS.match(line)), len(lines))
    return lines[:end]


def _with_line(named: str) -> str:
    return _ORIGIN.sub(lambda found: f" (line {found[1]})", named).strip()
