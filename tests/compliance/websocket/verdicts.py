"""What Autobahn says of each case, direct and through the gateway, and where the two differ. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CLASSES = {
    "1": ("framing", 16),
    "2": ("ping and pong", 11),
    "3": ("reserved bits", 7),
    "4": ("opcodes", 10),
    "5": ("fragmentation", 20),
    "6": ("UTF-8", 145),
    "7": ("close", 37),
    "9": ("limits and speed", 54),
    "10": ("auto-fragmentation", 1),
    "12": ("compression", 90),
    "13": ("compression parameters", 126),
}
"""Autobahn's classes of cases by the first part of their ids: what they are about and how many there are."""
CASES = sum(number for _, number in CLASSES.values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Autobahn says of one case. What only time or the machine decides is left out."""

    behavior: str
    """`OK`, `NON-STRICT`, `INFORMATIONAL`, `UNIMPLEMENTED` or `FAILED`."""
    closing: str
    """How the connection ended: `OK`, `INFORMATIONAL`, `UNCLEAN`, `WRONG CODE` or `FAILED BY CLIENT`."""
    code: int | None
    """The code of the server's Close frame, if it sent one (RFC 6455 section 7.4)."""

    def __str__(self) -> str:
        return f"{self.behavior}, close {self.closing} ({self.code or 'no code'})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All cases of two runs, by their ids."""

    direct: Mapping[str, Verdict]
    through: Mapping[str, Verdict]
    wanted: int = CASES
    """How many cases must have run."""
    differing: tuple[str, ...] = field(init=False)
    """The ids of cases that were judged differently, or in one of the runs only."""

    def __post_init__(self) -> None:
        differing = tuple(case for case in self._both if self.direct.get(case) != self.through.get(case))
        object.__setattr__(self, "differing", differing)

    @property
    def ran(self) -> int:
        """How many cases ran both direct and through the gateway."""
        return len(self.direct.keys() & self.through.keys())

    @property
    def passed(self) -> bool:
        """Whether all cases ran and none was judged differently."""
        return self.ran == self.wanted and not self.differing

    @property
    def behaviors(self) -> tuple[str, ...]:
        """The behaviours that were seen, the most frequent one first."""
        seen = Counter(verdict.behavior for run in (self.direct, self.through) for verdict in run.values())
        return tuple(behavior for behavior, _ in seen.most_common())

    def rows(self) -> list[tuple[str, ...]]:
        """Return a row for each class of which a case ran, and one for all: the class, how many cases it has,
        how often each of `behaviors` was seen direct and through, and how many cases differ.
        """
        rows = [
            self._row(f"{name} {about}", number, [case for case in self._both if in_class(case, name)])
            for name, (about, number) in CLASSES.items()
            if any(in_class(case, name) for case in self._both)
        ]
        return [*rows, self._row("all", self.wanted, self._both)]

    @property
    def _both(self) -> list[str]:
        return sorted(self.direct.keys() | self.through.keys(), key=in_order)

    def _row(self, title: str, number: int, cases: Sequence[str]) -> tuple[str, ...]:
        runs = [[run[case].behavior for case in cases if case in run] for run in (self.direct, self.through)]
        counts = ("/".join(str(run.count(what)) for run in runs) for what in self.behaviors)
        return title, str(number), *counts, str(len(set(cases) & set(self.differing)))

    def as_json(self) -> dict[str, Any]:
        """Return everything, for a file."""
        return {
            "passed": self.passed,
            "wanted": self.wanted,
            "ran": self.ran,
            "differing": list(self.differing),
            "direct": {case: str(self.direct[case]) for case in sorted(self.direct, key=in_order)},
            "through": {case: str(self.through[case]) for case in sorted(self.through, key=in_order)},
        }


def in_order(case: str) -> tuple[int, ...]:
    """Return what cases are sorted by: 2.10 comes after 2.9."""
    return tuple(map(int, case.split(".")))


def in_class(case: str, name: str) -> bool:
    """Return whether a case's id is one of this class."""
    return case.split(".", 1)[0] == name
