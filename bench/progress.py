"""What a long run says while it goes on, and what went wrong meanwhile."""

from __future__ import annotations

import sys
import time


class Progress:
    """Prints a line a step, with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.faults: list[str] = []
        """What could not be measured, and why."""

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def step(self, text: str) -> None:
        """Tell what begins."""
        print(f"{self.elapsed:5.0f} s  {text}", file=sys.stderr, flush=True)

    def fault(self, text: str) -> None:
        """Tell and keep what went wrong."""
        self.faults.append(text)
        self.step(f"FAILED  {text}")
