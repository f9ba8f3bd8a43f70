"""What may be typed after `warmgate build jupyter`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from gateway.cli.build import jupyter
from gateway.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from gateway.cli.build.own import Given

WELCOME = b'{"nbformat": 4, "cells": []}'


class Made:
    """Stands for what builds; keeps what it was asked for."""

    def __init__(self) -> None:
        self.shipped: list[str] = []
        self.own: list[tuple[Given, str, str]] = []

    async def make_shipped(self, name: str, **options: object) -> None:
        self.shipped.append(name)

    async def make_own(self, given: Given, *, tag: str, base: str, again: bool) -> None:
        self.own.append((given, tag, base))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    made = Made()
    monkeypatch.setattr(jupyter, "make_shipped", made.make_shipped)
    monkeypatch.setattr(jupyter, "make_own", made.make_own)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / "a.ipynb").write_bytes(WELCOME)
    (tmp_path / "r.txt").write_text("tiny\n")
    (tmp_path / "e.yml").write_text("channels: [x]\n")
    return tmp_path


def typed(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["build", "jupyter", *map(str, words)])


def test_alone_it_builds_the_image_that_comes_with_warmgate(made: Made) -> None:
    assert typed().exit_code == 0
    assert (made.shipped, made.own) == (["jupyter"], [])


def test_notebooks_and_requirements_make_an_image_of_one_s_own(made: Made, folder: Path) -> None:
    assert (
        typed("--notebooks", folder / "nb", "--requirements", folder / "r.txt", "--tag", "course").exit_code
        == 0
    )
    ((given, tag, base),) = made.own
    assert (tag, base) == ("course", "warmgate/jupyter")
    assert given.notebooks == {"a.ipynb": WELCOME}
    assert given.requirements == b"tiny\n"
    assert given.environment is None


def test_it_may_start_from_another_image(made: Made, folder: Path) -> None:
    typed("--notebooks", folder / "nb", "--tag", "course", "--base", "warmgate/datascience")
    assert made.own[0][2] == "warmgate/datascience"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--requirements", "r.txt", "--environment", "e.yml", "--tag", "x"], "not both"),
        (["--requirements", "r.txt"], "--tag NAME"),
        (["--requirements", "r.txt", "--tag", "warmgate/jupyter"], "come with warmgate"),
        (["--requirements", "absent.txt", "--tag", "x"], "does not exist"),
        (["--notebooks", "r.txt", "--tag", "x"], "is a file"),
    ],
)
def test_what_does_not_go_together_is_said_before_anything_is_done(
    made: Made, folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(folder)
    result = typed(*words)
    assert result.exit_code == 2
    assert said in result.output
    assert not made.own


def test_a_file_that_is_no_notebook_is_told_with_its_code_before_anything_is_done(
    made: Made, folder: Path
) -> None:
    (folder / "nb" / "b.ipynb").write_text("print(1)")
    result = typed("--notebooks", folder / "nb", "--tag", "x")
    assert result.exit_code == 1
    assert result.output.startswith("W222: ")
    assert "b.ipynb" in result.output
    assert not made.own
