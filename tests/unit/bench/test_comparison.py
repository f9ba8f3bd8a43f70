from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from bench.bars import bars
from bench.comparison import Report, factor, number, plot_of, table_of, tell
from bench.measures.measure import Column, Section, Values

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

ROWS: dict[str, Values] = {
    "direct": {"cpu": None, "rate": 40_000.0},
    "gateway": {"cpu": 44.0, "rate": 20_000.0},
    "nginx": {"cpu": 22.0, "rate": 30_000.0},
}
SECTION = Section("get", "GET", (Column("cpu", "CPU"), Column("rate", "rate", 0)), "cpu", ROWS, "A note.")
COUNTERS = Section("soak", "Soak", (Column("files", "files", 0),), "", {"at the end": {"files": 17.0}})
SVG = "{http://www.w3.org/2000/svg}"


def report(*sections: Section, faults: tuple[str, ...] = ()) -> Report:
    return Report("make bench", {"cores": 2}, {"nginx": "1.22"}, {"nginx": "$ nginx"}, sections, faults, 61.0)


def cells(table: Table) -> list[list[str]]:
    return [list(row) for row in zip(*(list(column.cells) for column in table.columns), strict=True)]


def test_a_table_has_a_row_a_peer_and_ratios_to_those_that_ran() -> None:
    table = table_of(SECTION)
    assert [column.header for column in table.columns] == ["", "CPU", "rate", "÷ nginx"]
    assert cells(table) == [
        ["direct", "-", "40,000", "-"],
        ["gateway", "44.0", "20,000", "2.00"],
        ["nginx", "22.0", "30,000", "1.00"],
    ]


def test_a_table_of_counters_has_no_ratios() -> None:
    assert cells(table_of(COUNTERS)) == [["at the end", "17"]]
    assert plot_of(COUNTERS) is None


@pytest.mark.parametrize(
    ("value", "text"), [(1.5, "1.50"), (0.1, "0.10"), (0.00263, "0.0026"), (1234.5, "1,234.50"), (None, "-")]
)
def test_a_small_ratio_keeps_two_digits_that_matter(value: float | None, text: str) -> None:
    assert factor(value) == text


def test_numbers_have_thousands_apart() -> None:
    assert (number(1234.56, 1), number(None, 1)) == ("1,234.6", "-")


def test_a_plot_has_a_bar_for_each_peer_with_a_number_and_marks_the_gateway() -> None:
    drawing = ET.fromstring(plot_of(SECTION) or "")
    drawn = [bar for bar in drawing.iter(f"{SVG}rect") if "bar" in bar.get("class", "")]
    assert [bar.get("class") for bar in drawn] == ["bar marked", "bar"]
    gateway, nginx = (float(bar.get("width", "0")) for bar in drawn)
    assert gateway == pytest.approx(2 * nginx)


def test_a_plot_of_zeros_and_odd_names_is_still_a_drawing() -> None:
    drawing = ET.fromstring(bars("<t>", "&", {"<a>": 0.0, "b": -1.0}, digits=1, marked="b"))
    assert "<a>" in [text.text for text in drawing.iter(f"{SVG}text")]


def test_the_report_holds_tables_plots_musts_versions_and_setups(tmp_path: Path) -> None:
    tell(report(SECTION, COUNTERS, faults=("chp: too slow",)), tmp_path)
    page = (tmp_path / "report.md").read_text()
    for part in (
        "| gateway |",
        "![GET](report-get.svg)",
        "* chp: too slow",
        "* nginx: 1.22",
        "$ nginx",
        "A note.",
    ):
        assert part in page
    assert "CPU of a 1 KiB GET, to nginx" in page
    assert (tmp_path / "report-get.svg").exists()


def test_the_numbers_are_kept_by_section_with_verdicts(tmp_path: Path) -> None:
    tell(report(SECTION), tmp_path)
    kept = json.loads((tmp_path / "report.json").read_text())
    assert kept["sections"]["get"]["medians"]["nginx"]["cpu"] == 22.0
    verdict = next(must for must in kept["musts"] if must["must"]["peer"] == "nginx")
    assert (verdict["measured"], verdict["met"]) == (2.0, True)
