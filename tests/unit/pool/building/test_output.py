from __future__ import annotations

from typing import Any

import pytest

from pool.building.output import BuildProgress, OutputReader


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_progress_carries_step_text_and_time_since_the_start() -> None:
    clock = Clock()
    reader = OutputReader(clock)
    clock.now += 2
    assert reader.read({"stream": "Step 3/21 : RUN pip\n"}) == [BuildProgress(3, 21, "RUN pip", 2.0)]
    clock.now += 1
    assert reader.read({"stream": "one\n\ntwo\n"}) == [
        BuildProgress(3, 21, "one", 3.0),
        BuildProgress(3, 21, "two", 3.0),
    ]


def test_a_line_that_comes_in_pieces_is_told_once_and_whole() -> None:
    reader = OutputReader(Clock())
    assert reader.read({"stream": "Step 1/2 : FROM"}) == []
    assert [p.text for p in reader.read({"stream": " y\nnext"})] == ["FROM y"]
    assert [p.text for p in reader.read({"stream": " line\n"})] == ["next line"]


def test_colours_are_taken_out() -> None:
    assert [p.text for p in OutputReader(Clock()).read({"stream": "\x1b[91moops\n\x1b[0m"})] == ["oops"]


@pytest.mark.parametrize("item", [{"aux": {"ID": "sha256:1"}}, {"stream": "\n"}, {}])
def test_items_without_text_make_no_progress(item: dict[str, Any]) -> None:
    assert OutputReader(Clock()).read(item) == []


def test_pulling_the_base_tells_its_stages_but_not_every_byte() -> None:
    reader = OutputReader(Clock())
    assert [p.text for p in reader.read({"status": "Pulling from library/debian"})] == [
        "Pulling from library/debian"
    ]
    assert reader.read({"status": "Downloading", "progressDetail": {"current": 1}, "id": "a"}) == []
