from __future__ import annotations

import pytest

from bench.compare import MEASURES
from bench.measures.measure import Column, Section
from bench.musts import MUSTS, ratio, verdicts


def section(name: str, column: str, **rows: float | None) -> Section:
    values = {peer: {column: value} for peer, value in rows.items()}
    return Section(name, name, (Column(column, column),), column, values)


def verdict_of(must_text: str, *sections: Section) -> tuple[float | None, bool | None]:
    found = next(v for v in verdicts(sections) if v.must.text.startswith(must_text))
    return found.measured, found.met


def test_a_ratio_at_its_limit_is_met() -> None:
    assert verdict_of("CPU of a 1 KiB GET, to nginx", section("get", "cpu", gateway=40.0, nginx=20.0)) == (
        2.0,
        True,
    )


def test_a_ratio_above_its_limit_is_not_met() -> None:
    assert verdict_of("CPU of a 1 KiB GET, to nginx", section("get", "cpu", gateway=41.0, nginx=20.0)) == (
        2.05,
        False,
    )


def test_a_number_that_stands_alone_needs_no_peer() -> None:
    assert verdict_of("RSS of the gateway", section("rest", "rss", gateway=71.0)) == (71.0, False)


@pytest.mark.parametrize(
    "sections",
    [[], [section("get", "cpu", gateway=40.0)], [section("get", "cpu", nginx=20.0)]],
    ids=["no section", "no peer", "no gateway"],
)
def test_what_was_not_measured_is_neither_met_nor_missed(sections: list[Section]) -> None:
    assert verdict_of("CPU of a 1 KiB GET, to nginx", *sections) == (None, None)


@pytest.mark.parametrize(("value", "base"), [(None, 1.0), (1.0, None), (1.0, 0.0), (1.0, -3.0)])
def test_there_is_no_ratio_to_what_is_unknown_or_below_the_noise(
    value: float | None, base: float | None
) -> None:
    assert ratio(value, base) is None


def test_every_must_names_a_column_that_is_measured() -> None:
    measured = {(m.name, column.key) for m in MEASURES for column in m.columns}
    assert {(must.section, must.column) for must in MUSTS if must.section != "clicks"} <= measured
