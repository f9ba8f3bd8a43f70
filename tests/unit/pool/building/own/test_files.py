from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import pool.building.own.files as module
from pool.building.errors import EnvironmentUnreadable, FileNoNotebook, FolderRefused, RequirementsUnmet
from pool.building.own.files import read_environment, read_notebooks, read_requirements, why_no_notebook

if TYPE_CHECKING:
    from pathlib import Path

CELL = {"cell_type": "code", "metadata": {}, "source": ["1"], "outputs": []}
NOTEBOOK = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL]}).encode()


def test_a_folder_is_its_files_but_hidden_ones_and_byte_code(tmp_path: Path) -> None:
    for name in ("a.ipynb", "deep/b.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(NOTEBOOK)
    for name in ("data.csv", ".ipynb_checkpoints/a.ipynb", "__pycache__/x.pyc", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert sorted(read_notebooks(tmp_path)) == ["a.ipynb", "data.csv", "deep/b.ipynb"]


def test_a_folder_without_notebooks_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# none")
    with pytest.raises(FolderRefused, match=f"{tmp_path.name} holds no notebook"):
        read_notebooks(tmp_path)


def test_a_folder_that_is_more_than_a_home_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2**20)
    (tmp_path / "a.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "data").write_bytes(bytes(2**20))
    with pytest.raises(FolderRefused, match="1 MiB are the most"):
        read_notebooks(tmp_path)


def test_what_is_no_notebook_is_named_with_its_path_and_why(tmp_path: Path) -> None:
    (tmp_path / "good.ipynb").write_bytes(NOTEBOOK)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "bad.ipynb").write_text("{,}")
    with pytest.raises(FileNoNotebook, match=r"deep/bad.ipynb: no JSON: .*line 1"):
        read_notebooks(tmp_path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "nbformat"),
        (b"{}", "nbformat"),
        (b'{"nbformat": 3, "worksheets": []}', "nbformat 3 is too old"),
        (b'{"nbformat": 4}', "`cells`"),
        (b'{"nbformat": 4, "cells": {}}', "`cells`"),
        (b'{"nbformat": 4, "cells": [1]}', "cell 0"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "heading", "source": ""}]}', "cell_type"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "raw", "source": ""}, {"cell_type": "code"}]}', "cell 1"),
    ],
)
def test_why_a_file_is_no_notebook_is_said_in_its_own_terms(content: bytes, why: str) -> None:
    assert why in why_no_notebook(content)


def test_requirements_are_taken_as_they_are(tmp_path: Path) -> None:
    text = (
        "# ours\n--index-url https://mirror.example/simple\npandas>=2 ; python_version > '3'\nnumpy==2.1 \\\n"
    )
    text += "    --hash=sha256:00\ntiny @ https://files.example/tiny.whl\n"
    (tmp_path / "r.txt").write_text(text)
    assert read_requirements(tmp_path / "r.txt").decode() == text


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "-r more.txt",
        "-rmore.txt",
        "-c pins.txt",
        "--requirement=more.txt",
        "./here",
        "../up",
        "/abs",
        ".",
    ],
)
def test_a_requirement_that_is_a_file_of_this_machine_is_named_with_its_line(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "r.txt").write_text(f"pandas\n{line}\n")
    with pytest.raises(RequirementsUnmet, match="line 2: ") as refused:
        read_requirements(tmp_path / "r.txt")
    assert f"`{line}`" in refused.value.detail


@pytest.mark.parametrize("content", [b"", b"# nothing\n\n", b"\xff\xfe"])
def test_requirements_that_name_nothing_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.txt").write_bytes(content)
    with pytest.raises(RequirementsUnmet, match=r"r\.txt"):
        read_requirements(tmp_path / "r.txt")


def test_an_empty_environment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e.yml").write_text("\n")
    with pytest.raises(EnvironmentUnreadable, match=r"e\.yml is empty"):
        read_environment(tmp_path / "e.yml")


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentUnreadable, match="No such file"):
        read_environment(tmp_path / "absent.yml")
    with pytest.raises(RequirementsUnmet, match="No such file"):
        read_requirements(tmp_path / "absent.txt")
