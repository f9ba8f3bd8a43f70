"""What a run has shown: one row a scenario, printed at the end and written to bench/out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from tests.chaos.form import FULL, SEED

OUT = Path(__file__).resolve().parents[2] / "bench" / "out"

HEAD = (
    "scenario",
    "faults",
    "sessions",
    "answers",
    "lost",
    "twice",
    "leaked",
    "told 410",
    "longest wait",
    "ready again, median (most)",
    "full strength, median (most)",
)


@dataclass(slots=True)
class Row:
    """One scenario. Times in seconds."""

    scenario: str
    faults: int = 0
    sessions: int = 0
    answers: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    told: int = 0
    longest_wait: float = 0.0
    ready_again: list[float] = field(default_factory=list)
    full_strength: list[float] = field(default_factory=list)
    log_errors: list[str] = field(default_factory=list)

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the table."""
        counts = self.faults, self.sessions, self.answers, len(self.lost), len(self.twice), len(self.leaked)
        return (
            self.scenario,
            *map(str, (*counts, self.told)),
            f"{self.longest_wait:.1f}",
            _spread(self.ready_again),
            _spread(self.full_strength),
        )


@dataclass(slots=True)
class Table:
    """All scenarios of one run."""

    rows: list[Row] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the table with its sums."""
        total = Row(
            "**all**",
            faults=sum(row.faults for row in self.rows),
            sessions=sum(row.sessions for row in self.rows),
            answers=sum(row.answers for row in self.rows),
            lost=[what for row in self.rows for what in row.lost],
            twice=[what for row in self.rows for what in row.twice],
            leaked=[what for row in self.rows for what in row.leaked],
            told=sum(row.told for row in self.rows),
            longest_wait=max((row.longest_wait for row in self.rows), default=0.0),
            ready_again=[seconds for row in self.rows for seconds in row.ready_again],
            full_strength=[seconds for row in self.rows for seconds in row.full_strength],
        )
        lines = [HEAD, ("---", *["---:"] * (len(HEAD) - 1)), *(row.cells() for row in (*self.rows, total))]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

    def write(self) -> None:
        """Write bench/out/chaos.md and chaos.json."""
        OUT.mkdir(parents=True, exist_ok=True)
        form = "long" if FULL else "short"
        (OUT / "chaos.md").write_text(f"Form: {form}; seed: {SEED}; times in seconds.\n\n{self.markdown()}\n")
        told = {"form": form, "seed": SEED, "rows": [asdict(row) for row in self.rows]}
        (OUT / "chaos.json").write_text(json.dumps(told, indent=1) + "\n")


def _spread(seconds: list[float]) -> str:
    return f"{median(seconds):.1f} ({max(seconds):.1f})" if seconds else "-"
