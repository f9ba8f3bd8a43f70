"""What the engine's classic builder prints, line by line."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEPT_LINES = 25  # lines of output told when a build fails

MARK = "@warmgate "
"""What begins a line that a script of ours says to the builder, and not to a person."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """One line of a build: `step` of `steps` (0 before the first), and seconds since the build began."""

    step: int
    steps: int
    text: str
    elapsed: float


class OutputReader:
    """Turns what the engine's classic builder streams into progress. Pure but for the clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._step = 0
        self._steps = 0
        self._rest = ""
        self.image_id = ""
        """Of the finished image, once the engine has told it."""
        self._last: deque[str] = deque(maxlen=KEPT_LINES)

    def read(self, item: Mapping[str, Any]) -> list[BuildProgress]:
        """Return the lines one streamed item ends; items without text (ids, layer progress) hold none.

        A program's line may come in pieces: what has no end yet waits for the next item.
        """
        self.image_id = item.get("aux", {}).get("ID", self.image_id)
        status = "" if "progressDetail" in item else item.get("status", "")
        text = self._rest + _COLOURS.sub("", item.get("stream") or (f"{status}\n" if status else ""))
        whole, end, self._rest = text.rpartition("\n")
        told = [self._told(line.rstrip()) for line in f"{whole}{end}".splitlines() if line.strip()]
        self._last.extend(progress.text for progress in told if not progress.text.startswith(MARK))
        return told

    def _told(self, line: str) -> BuildProgress:
        if found := _STEP.match(line):
            self._step, self._steps, line = int(found[1]), int(found[2]), found[3]
        return BuildProgress(self._step, self._steps, line, self._clock() - self._began)

    def told(self, reason: str) -> str:
        """Return why the build failed, and the last lines before it did."""
        return "\n".join([reason, *self._last, *self._rest.splitlines()])
