from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.cli.build.report import rows, table
from pool.building.pluto.build import Built
from pool.building.pluto.told import BuildStory

if TYPE_CHECKING:
    import pytest

MIB = 1024**2


def whole() -> Built:
    server = BuildStory(
        steps=[("installing packages", 1.0), ("making the system image", 31.0)],
        warnings=["a.jl cell 1: DivideError [x]"],
        facts={"traced": 10, "kept": 9, "sysimage": 200 * MIB, "up, prove": 2.0},
        ended=100.0,
    )
    layer = BuildStory(steps=[("adding the notebooks", 0.0)], ended=2.0)
    return Built("course", server, layer, server_size=900 * MIB, size=900 * MIB + 2048)


def test_the_table_tells_times_sizes_and_statements() -> None:
    told = dict(rows(whole(), 103.0))
    assert told["installing packages"] == "30.0 s"
    assert told["making the system image"] == "69.0 s"
    assert told["in all"] == "103.0 s"
    assert told["statements traced, kept"] == "10, 9"
    assert told["system image"] == "200 MiB"
    assert told["image"] == "900 MiB"
    assert told["of it above the server image"] == "2 KiB"


def test_what_was_there_is_told_as_not_made_again() -> None:
    told = dict(rows(Built("course", BuildStory(), BuildStory(), 1, 1), 0.2))
    assert told["packages and system image"] == "there already, not made again"
    assert told["notebooks"] == "there already, not added again"


def test_warnings_stand_below_the_table_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    table(whole(), 103.0)
    assert "warning: a.jl cell 1: DivideError [x]" in capsys.readouterr().err
