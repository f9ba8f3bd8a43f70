from __future__ import annotations

import pytest

from pool.building.errors import (
    BaseUnfit,
    ImageBuildFailed,
    MemoryTooSmall,
    NotebookInvalid,
    PackageUnresolved,
    PlutoSilent,
    ProjectMissing,
    SysimageFailed,
)
from pool.building.pluto.told import BuildStory, Listener, read_line


@pytest.mark.parametrize("line", ["Precompiling project...", "@warmgate {half", "@warmgate 3", ""])
def test_what_programs_print_is_not_taken_for_something_told(line: str) -> None:
    assert read_line(line) is None


def test_a_line_of_ours_is_read() -> None:
    assert read_line('@warmgate {"julia":"1.10"}') == {"julia": "1.10"}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("base", BaseUnfit),
        ("notebook", NotebookInvalid),
        ("package", PackageUnresolved),
        ("project", ProjectMissing),
        ("server", PlutoSilent),
        ("sysimage", SysimageFailed),
        ("of another version", ImageBuildFailed),
    ],
)
def test_every_error_of_a_script_becomes_one_with_a_code(kind: str, error: type[ImageBuildFailed]) -> None:
    story = BuildStory()
    story.hear({"error": kind, "text": "a.jl, line 3"})
    assert type(story.failure) is error
    assert str(story.failure) == "a.jl, line 3"


def test_what_a_script_said_is_told_instead_of_the_engines_words() -> None:
    story = BuildStory()
    story.hear({"error": "notebook", "text": "a.jl, line 3"})
    assert story.failed(ImageBuildFailed("returned a non-zero code: 1")) is story.failure


def test_a_system_image_that_fails_is_told_with_the_last_lines_of_its_makers() -> None:
    story = BuildStory()
    story.hear({"error": "sysimage", "text": "a process failed"})
    told = story.failed(ImageBuildFailed("code 1; last lines:\nld: no space left"))
    assert isinstance(told, SysimageFailed)
    assert told.detail == "a process failed\nld: no space left"


def test_a_killed_process_is_told_as_too_little_memory() -> None:
    story = BuildStory(step="making the system image")
    told = story.failed(ImageBuildFailed("The command returned a non-zero code: 137; last lines:"))
    assert isinstance(told, MemoryTooSmall)
    assert "making the system image" in told.detail


def test_a_failure_nobody_explained_stays_what_it_is() -> None:
    error = ImageBuildFailed("no such host")
    assert BuildStory().failed(error) is error


def test_a_warning_names_its_notebook() -> None:
    story = BuildStory()
    assert story.hear({"warning": "cell", "notebook": "a.jl", "text": "cell 1: DivideError"}) == (
        "warning: a.jl cell 1: DivideError"
    )
    assert story.warnings == ["a.jl cell 1: DivideError"]


def test_numbers_are_kept_and_not_read_out() -> None:
    story = BuildStory()
    assert story.hear({"traced": 100, "kept": 90}) == ""
    assert story.hear({"up": "prove", "seconds": 2.1}) == "Pluto answers after 2.1 s"
    assert story.hear({"ran": "a.jl", "seconds": 4}) == "a.jl: 4 s"
    assert story.facts == {"traced": 100, "kept": 90, "up, prove": 2.1}


class Watcher:
    def __init__(self) -> None:
        self.heard: list[tuple[str, ...]] = []

    def see(self, step: str, line: str) -> None:
        self.heard.append((step, line))

    def remark(self, text: str) -> None:
        self.heard.append((text,))


def test_a_person_hears_what_programs_print_and_of_what_is_told_what_is_worth_it() -> None:
    watcher, story = Watcher(), BuildStory()
    listener = Listener(story, watcher)
    listener.see("installing packages", "Precompiling")
    listener.see("installing packages", '@warmgate {"packages":3}')
    listener.see("running", '@warmgate {"ran":"a.jl","seconds":4}')
    listener.see("running", '@warmgate {"alive":"b.jl","seconds":5}')
    listener.remark("more")
    assert watcher.heard == [
        ("installing packages", "Precompiling"),
        ("installing packages", ""),
        ("running", ""),
        ("a.jl: 4 s",),
        ("running", "b.jl: 5 s"),
        ("more",),
    ]
    assert (story.facts, story.step) == ({"packages": 3}, "running")
