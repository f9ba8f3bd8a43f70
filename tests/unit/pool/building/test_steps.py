from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pool.building.builder import BuildRequest, ImageBuilder
from pool.building.context import BuildContext
from pool.building.output import BuildProgress
from pool.building.steps import FINISHING, Step, Timetable, carry_out, step_names

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DOCKERFILE = """\
# An image.
ARG BASE
FROM ${BASE} AS packages
# step: packages
COPY requirements.txt \\
  /build/
# A remark between.
RUN one \\
 # and within
 && two

FROM ${BASE}
# step: notebooks
COPY notebooks/ /srv/
"""


def lines(*told: tuple[int, float, str]) -> list[BuildProgress]:
    return [BuildProgress(step, 9, text, elapsed) for step, elapsed, text in told]


def test_every_instruction_has_the_name_that_stands_above_it() -> None:
    assert step_names(DOCKERFILE) == (FINISHING, FINISHING, "packages", "packages", "packages", "notebooks")


def test_a_step_takes_from_its_first_line_to_the_next_step_s() -> None:
    timetable = Timetable(("base", "packages", "packages", "notebooks"))
    told = lines(
        (1, 0.0, "FROM x"),
        (2, 1.0, "COPY a"),
        (3, 3.0, "RUN b"),
        (3, 4.0, "out"),
        (4, 9.0, "COPY c"),
        (5, 9.5, "LABEL"),
    )
    assert [timetable.see(line) for line in told] == [
        "base",
        "packages",
        "packages",
        "packages",
        "notebooks",
        FINISHING,
    ]
    assert [(step.name, step.seconds) for step in timetable.finish(10.0)] == [
        ("base", 1.0),
        ("packages", 8.0),
        ("notebooks", 0.5),
    ]


def test_a_step_is_as_before_when_every_instruction_of_it_was_kept() -> None:
    timetable = Timetable(("packages", "packages", "packages", "notebooks", "notebooks"))
    for line in lines(
        (1, 0.0, "FROM x"),
        (2, 0.0, "COPY a"),
        (2, 0.0, " ---> Using cache"),
        (3, 0.0, "RUN b"),
        (3, 0.0, " ---> Using cache"),
        (4, 0.0, "COPY c"),
        (4, 0.0, " ---> Using cache"),
        (5, 0.0, "COPY d"),
        (5, 0.5, " ---> 0123456789ab"),
    ):
        timetable.see(line)
    assert timetable.finish(1.0) == [
        Step("packages", kept=2),
        Step("notebooks", seconds=1.0, ran=1, kept=1),
    ]
    assert [step.as_before for step in timetable.finish(1.0)] == [True, False]


def test_a_name_that_comes_back_is_one_step() -> None:
    timetable = Timetable(("base", "packages", "base"))
    for line in lines((1, 0.0, "FROM x"), (2, 1.0, "RUN a"), (3, 3.0, "FROM x")):
        timetable.see(line)
    assert [(step.name, step.seconds) for step in timetable.finish(5.0)] == [("base", 3.0), ("packages", 2.0)]


class Builder:
    """Stands for a builder; numbers lines as an engine does that is sent labels as well."""

    async def build(self, _request: BuildRequest) -> AsyncIterator[BuildProgress]:
        for line in lines(
            (1, 0.0, "FROM y"), (2, 1.0, "LABEL"), (3, 2.0, "COPY notebooks/"), (4, 5.0, "LABEL")
        ):
            yield line


class Watcher:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def see(self, step: str, line: str) -> None:
        self.heard.append((step, line))

    def remark(self, text: str) -> None:
        raise AssertionError(text)


async def test_a_build_is_told_by_its_steps_names_whatever_is_added_to_its_dockerfile() -> None:
    context = BuildContext("x", {"Dockerfile": b"FROM y\n# step: notebooks\nCOPY notebooks/ /srv/\n"})
    watcher = Watcher()
    steps = await carry_out(cast("ImageBuilder", Builder()), BuildRequest(context, "x"), watcher)
    assert [name for name, _ in watcher.heard] == [FINISHING, FINISHING, "notebooks", FINISHING]
    assert steps == [Step("notebooks", seconds=3.0, ran=1)]
