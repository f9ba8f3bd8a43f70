from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.build.report import Report, size
from pool.building.steps import Step

if TYPE_CHECKING:
    import pytest

WHOLE = Report(
    "course",
    [Step("installing packages", kept=2), Step("adding the notebooks", 0.34, ran=1)],
    1.23,
    401_000_000,
    [("layer of notebooks", "4.3 kB")],
    ["a.jl cell 1: DivideError [x]"],
)


def test_the_table_tells_times_sizes_and_what_was_as_before() -> None:
    assert list(WHOLE.rows()) == [
        ("installing packages", "as before"),
        ("adding the notebooks", "0.3 s"),
        ("in all", "1.2 s"),
        ("layer of notebooks", "4.3 kB"),
        ("image", "401.0 MB"),
    ]


def test_columns_are_aligned_and_warnings_stand_below_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    WHOLE.print()
    printed = capsys.readouterr().err.splitlines()
    assert printed[1] == "installing packages   as before"
    assert printed[-1] == "warning: a.jl cell 1: DivideError [x]"
    assert len({len(line) for line in printed[:-1]}) == 1


def test_sizes_are_told_as_the_engine_s_own_list_tells_them() -> None:
    assert [size(n) for n in (4_321, 61_234_567, 162_000)] == ["4.3 kB", "61.2 MB", "162.0 kB"]
