"""What visitors have seen: who holds which instance, and everything that must not happen to them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ending:
    """What a visitor was told in place of their instance's answer; `container` is empty if never met."""

    visitor: str
    container: str
    status: int
    body: bytes


@dataclass(slots=True)
class Ledger:
    """Written by visitors while a scenario runs, read by its audit."""

    harmed: set[str] = field(default_factory=set)
    """Containers (the first 12 characters of their ids) that the scenario itself has ended."""
    holders: dict[str, str] = field(default_factory=dict)
    """Container or session address → its visitor."""
    answers: int = 0
    """Answers that visitors got from their own instances."""
    longest: float = 0.0
    """Seconds the most patient visitor waited for one answer, asking again where a browser would."""
    faults: list[str] = field(default_factory=list)
    """What visitors met and nothing excuses."""
    endings: list[Ending] = field(default_factory=list)
    """Whoever was told something else than their instance's answer. Judged at the end: a scenario may learn
    late what it has harmed.
    """
    twice: list[str] = field(default_factory=list)
    """Sessions and containers that two visitors have met."""

    @property
    def sessions(self) -> int:
        """How many sessions visitors held."""
        return sum(holds.startswith("http") for holds in self.holders)

    def hold(self, what: str, visitor: str) -> None:
        """Note that a visitor was given a session or met a container."""
        holder = self.holders.setdefault(what, visitor)
        if holder != visitor:
            self.twice.append(f"{what[-12:]} by {holder} and {visitor}")

    def read(self, visitor: str, body: bytes) -> None:
        """Note what a visitor found where they had left their secret."""
        found = json.loads(body)
        if found == visitor:
            self.answers += 1
        elif found is None:
            self.faults.append(f"{visitor}: the instance knows nothing of its visitor")
        else:
            self.twice.append(f"{visitor} met {found}")

    @property
    def told(self) -> int:
        """How many visitors of harmed instances were told that their session is over."""
        return sum(map(self._excused, self.endings))

    @property
    def lost(self) -> list[str]:
        """Sessions that ended, or forgot their visitor's secret, though nobody had harmed their instance."""
        return [*self.faults, *(str(ending) for ending in self.endings if not self._excused(ending))]

    def _excused(self, ending: Ending) -> bool:
        # Who came too late to learn which container was theirs is excused when any was harmed.
        harmed = ending.container in self.harmed if ending.container else bool(self.harmed)
        return harmed and ending.status == 410 and b"W404" in ending.body
