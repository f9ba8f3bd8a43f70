from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pool.engines.process_folder import (
    LOG_KEPT,
    LOG_MAX,
    InstanceFolder,
    Record,
    empty_trash,
    folder_of,
    folders,
)

if TYPE_CHECKING:
    from pathlib import Path

RECORD = Record(labels={"warmgate.pool": "demo"}, port=4000, memory=2**28, pids=64)


@pytest.fixture
def folder(tmp_path: Path) -> InstanceFolder:
    root = tmp_path / "gate"
    root.mkdir()
    made = InstanceFolder(root / "abc")
    made.make()
    return made


def test_a_folder_is_for_its_owner_only(folder: InstanceFolder) -> None:
    assert folder.path.stat().st_mode & 0o777 == 0o700


def test_there_is_one_folder_an_id(folder: InstanceFolder) -> None:
    with pytest.raises(FileExistsError):
        folder.make()


@pytest.mark.parametrize("name", ["..", ".", "a/b", "", "a\0b", ".gone-x", "x" * 200, "a b"])
def test_an_id_that_could_name_another_place_names_none(tmp_path: Path, name: str) -> None:
    assert folder_of(tmp_path, name) is None


def test_a_record_comes_back_as_it_was_written(folder: InstanceFolder) -> None:
    assert folder.read() is None
    folder.write(RECORD)
    folder.write(replace(RECORD, pid=7, birth="b"))
    assert folder.read() == replace(RECORD, pid=7, birth="b")
    assert [path.name for path in folder.path.glob("instance*")] == ["instance.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}'])
def test_a_record_that_cannot_be_used_is_none(folder: InstanceFolder, text: str) -> None:
    (folder.path / "instance.json").write_text(text)
    assert folder.read() is None


def test_the_environment_holds_nothing_of_the_gateways_own(
    folder: InstanceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARMGATE_GATEWAY__API_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy")
    environment = folder.environment({"GREETING": "hi", "WARMGATE_INSTANCE": "forged"})
    assert "secret" not in str(environment)
    assert environment["GREETING"] == "hi"
    assert environment["HOME"] == str(folder.home)
    assert environment["WARMGATE_INSTANCE"] == "abc"
    assert environment["WARMGATE_GATEWAY"] == "gate"


def test_a_new_home_is_filled_with_files_its_owner_can_change(folder: InstanceFolder, tmp_path: Path) -> None:
    skeleton = tmp_path / "skel"
    (skeleton / "deep").mkdir(parents=True)
    (skeleton / "deep" / "welcome.ipynb").write_text("{}")
    (skeleton / "deep" / "welcome.ipynb").chmod(0o444)
    folder.fill(skeleton)
    copied = folder.home / "deep" / "welcome.ipynb"
    assert copied.read_text() == "{}"
    assert copied.stat().st_mode & 0o200


def test_only_the_last_lines_of_output_are_read(folder: InstanceFolder) -> None:
    assert folder.tail(5) == ""
    folder.log.write_bytes(b"one\ntwo\nthr\xffee\n")
    assert folder.tail(1) == "thr\ufffdee\n"
    assert folder.tail(99).splitlines()[0] == "one"
    assert folder.tail(0) == ""


def test_output_is_cut_from_the_front(folder: InstanceFolder) -> None:
    folder.cut()
    folder.log.write_bytes(b"x" * LOG_MAX)
    folder.cut()
    assert folder.log.stat().st_size == LOG_MAX
    with folder.log.open("ab") as writer:
        writer.write(b"the end\n")
        writer.flush()
        folder.cut()
        writer.write(b"and more\n")
    assert folder.log.stat().st_size == LOG_KEPT + len(b"and more\n")
    assert folder.tail(2).endswith("the end\nand more\n")


def test_a_removed_folder_is_gone_with_what_nobody_may_look_into(folder: InstanceFolder) -> None:
    locked = folder.home / "locked"
    (locked / "inner").mkdir(parents=True)
    (locked / "inner" / "file").touch()
    (folder.home / "link").symlink_to("/")
    locked.chmod(0)
    folder.remove()
    folder.remove()
    assert list(folder.path.parent.iterdir()) == []


def test_an_interrupted_removal_is_not_listed_and_is_finished_later(folder: InstanceFolder) -> None:
    root = folder.path.parent
    folder.path.rename(root / ".gone-1234")
    assert list(folders(root)) == []
    empty_trash(root)
    assert list(root.iterdir()) == []


def test_where_nothing_was_ever_started_there_is_nothing(tmp_path: Path) -> None:
    assert list(folders(tmp_path / "nowhere")) == []
