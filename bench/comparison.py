"""The comparison's report: tables on the screen, Markdown with plots, JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench.bars import bars
from bench.musts import GATEWAY, ratio, verdicts
from bench.report import markdown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.measures.measure import Section

BASES = ("nginx", "haproxy", "chp", "jupyterhub")
"""Peers to whom ratios are shown."""
NOTHING = "-"
PAGE, DATA = "report.md", "report.json"
WIDTH = 150
"""Columns of the tables where the output is no terminal."""


@dataclass(frozen=True, slots=True)
class Report:
    """All there is to tell of one run."""

    command: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    setups: Mapping[str, str]
    sections: Sequence[Section]
    faults: Sequence[str]
    seconds: float


def table_of(section: Section) -> Table:
    """Return a section as a table: a row a peer, and in it the compared column over each peer's."""
    bases = [base for base in BASES if base in section.rows]
    shown = Table(title=section.title, caption=section.note or None)
    shown.add_column("")
    for column in section.columns:
        shown.add_column(column.title, justify="right")
    for base in bases:
        shown.add_column(f"÷ {base}", justify="right")
    for peer, values in section.rows.items():
        numbers = [number(values[column.key], column.digits) for column in section.columns]
        ratios = [ratio(values[section.compared], section.rows[base][section.compared]) for base in bases]
        shown.add_row(peer, *numbers, *map(factor, ratios))
    return shown


def table_of_musts(sections: Sequence[Section]) -> Table:
    """Return what must be reached, what was measured, and whether that is so."""
    shown = Table(title="What must be reached")
    shown.add_column("the gateway's")
    for title in ("gateway", "peer", "measured", "at most", "unit", ""):
        shown.add_column(title, justify="right")
    words = {True: "met", False: "NOT MET", None: "not measured"}
    for verdict in verdicts(sections):
        must = verdict.must
        shown.add_row(
            must.text,
            number(verdict.gateway, 1),
            number(verdict.peer, 1),
            factor(verdict.measured),
            factor(must.most),
            must.unit,
            words[verdict.met],
        )
    return shown


def number(value: float | None, digits: int) -> str:
    """Return a number for a table."""
    return NOTHING if value is None else f"{value:,.{digits}f}"


def factor(value: float | None) -> str:
    """Return a ratio for a table: two places, or as many as a small one needs to be told from zero."""
    return NOTHING if value is None else f"{value:,.2f}" if value >= 0.1 else f"{value:.2g}"


def plot_of(section: Section) -> str | None:
    """Return the compared column as a drawing; None where there is nothing to draw."""
    column = next((one for one in section.columns if one.key == section.compared), None)
    if column is None:
        return None
    values = {peer: value for peer, row in section.rows.items() if (value := row[column.key]) is not None}
    return bars(section.title, column.title, values, digits=column.digits, marked=GATEWAY) if values else None


def as_json(report: Report) -> dict[str, Any]:
    """Return everything, single rounds included."""
    return {
        "command": report.command,
        "machine": report.machine,
        "versions": report.versions,
        "seconds": round(report.seconds),
        "faults": report.faults,
        "musts": [asdict(verdict) | {"met": verdict.met} for verdict in verdicts(report.sections)],
        "sections": {
            section.name: {
                "title": section.title,
                "note": section.note,
                "columns": {column.key: column.title for column in section.columns},
                "medians": section.rows,
                "rounds": section.rounds,
            }
            for section in report.sections
        },
        "setups": report.setups,
    }


def as_markdown(report: Report, plots: Mapping[str, str]) -> str:
    """Return the page people read; `plots` are file names by section."""
    about = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    parts = [
        "# The gateway and its peers",
        f"`{report.command}`, {report.seconds / 60:.0f} minutes. Machine: {about}.",
        markdown(table_of_musts(report.sections)),
    ]
    for section in report.sections:
        parts.append(markdown(table_of(section)))
        if section.name in plots:
            parts.append(f"![{section.title}]({plots[section.name]})")
    if report.faults:
        parts += ["## What could not be measured", "\n".join(f"* {fault}" for fault in report.faults)]
    parts += ["## Versions", "\n".join(f"* {name}: {told}" for name, told in report.versions.items())]
    parts += ["## Set-ups"]
    parts += [f"### {peer}\n\n```\n{setup.strip()}\n```" for peer, setup in report.setups.items() if setup]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def tell(report: Report, out: Path) -> None:
    """Print the tables; write page, numbers and plots into the folder `out`."""
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH
    for table in (*map(table_of, report.sections), table_of_musts(report.sections)):
        console.print(table)
    for fault in report.faults:
        console.print(f"not measured: {fault}", markup=False, highlight=False)
    out.mkdir(parents=True, exist_ok=True)
    plots = {}
    for section in report.sections:
        if drawing := plot_of(section):
            plots[section.name] = f"report-{section.name}.svg"
            (out / plots[section.name]).write_text(drawing)
    (out / PAGE).write_text(as_markdown(report, plots))
    (out / DATA).write_text(json.dumps(as_json(report), indent=2) + "\n")
    print(f"Report in {out / PAGE}, numbers in {out / DATA}")
