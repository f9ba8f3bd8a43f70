from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pool.engines.engine import OUTPUT_LIMIT, Output
from pool.engines.process_folder import LOG_MAX, InstanceFolder
from pool.engines.process_output import read_on

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> InstanceFolder:
    folder = InstanceFolder(tmp_path / "one")
    folder.make()
    folder.log.touch()
    return folder


def write(folder: InstanceFolder, text: str) -> None:
    with folder.log.open("a") as file:
        file.write(text)


def read_all(folder: InstanceFolder, mark: str) -> Output:
    text = ""
    while (more := read_on(folder, 1, mark, ended=False)).text:
        text, mark = text + more.text, more.mark
    return Output(text, mark)


def test_cutting_the_output_moves_no_readers_place(folder: InstanceFolder) -> None:
    mark = read_on(folder, 1, "", ended=False).mark
    lines = [f"{number} {'=' * 90}\n" for number in range(LOG_MAX // 60)]
    written = 0
    while written < len(lines):
        write(folder, "".join(lines[written : written + 1000]))
        got = read_all(folder, mark)
        assert got.text == "".join(lines[written : written + 1000])
        written, mark = written + 1000, got.mark
        folder.cut()
    assert folder.dropped() > 0


def test_a_reader_who_is_far_behind_goes_on_with_what_is_left(folder: InstanceFolder) -> None:
    mark = read_on(folder, 1, "", ended=False).mark
    write(folder, "0123456789abcde\n" * (LOG_MAX // 8))
    folder.cut()
    left = folder.log.read_text()
    assert read_all(folder, mark).text == left


def test_a_line_without_its_end_comes_when_it_ends_or_the_instance_does(folder: InstanceFolder) -> None:
    write(folder, "one\ntw")
    first = read_on(folder, 10, "", ended=False)
    assert first.text == "one\n"
    assert read_on(folder, 10, first.mark, ended=False).text == ""
    assert read_on(folder, 10, first.mark, ended=True).text == "tw"
    write(folder, "o\n")
    assert read_on(folder, 10, first.mark, ended=False).text == "two\n"


def test_a_line_without_any_end_comes_in_pieces(folder: InstanceFolder) -> None:
    mark = read_on(folder, 1, "", ended=False).mark
    write(folder, "x" * (OUTPUT_LIMIT + 10))
    assert len(read_on(folder, 1, mark, ended=False).text) == OUTPUT_LIMIT


def test_a_place_beyond_the_end_is_the_end(folder: InstanceFolder) -> None:
    write(folder, "one\n")
    assert read_on(folder, 1, "p999", ended=False).text == ""


def test_an_output_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_on(InstanceFolder(tmp_path / "none"), 1, "p5", ended=False) == Output("", "p5")
