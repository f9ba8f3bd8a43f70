from __future__ import annotations

from gateway.cli.build.pluto import report
from pool.building.pluto.build import Built
from pool.building.pluto.told import BuildStory
from pool.building.steps import Step


def test_the_table_tells_sizes_and_statements() -> None:
    story = BuildStory(
        warnings=["a.jl cell 1: DivideError"],
        facts={"traced": 10, "kept": 9, "sysimage": 200_000_000, "up, prove": 2.0},
    )
    server = [Step("installing packages", 30.0, ran=1), Step("making the system image", 69.0, ran=1)]
    layer = [Step("adding the notebooks", 2.0, ran=1)]
    made = report(Built("course", server, layer, story, server_size=900_000_000, size=900_002_000), 103.0)
    told = dict(made.rows())
    assert told["installing packages"] == "30.0 s"
    assert told["adding the notebooks"] == "2.0 s"
    assert told["in all"] == "103.0 s"
    assert told["statements traced, kept"] == "10, 9"
    assert told["start until Pluto answers"] == "2.0 s"
    assert told["system image"] == "200.0 MB"
    assert told["image"] == "900.0 MB"
    assert told["layer of notebooks"] == "2.0 kB"
    assert made.warnings == ["a.jl cell 1: DivideError"]


def test_an_image_that_was_there_is_told_as_before() -> None:
    told = dict(report(Built("course", [], [], BuildStory(), 1, 1), 0.2).rows())
    assert told["packages and system image"] == "as before"
    assert told["notebooks"] == "as before"
