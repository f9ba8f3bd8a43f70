from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from pool.errors import JournalUnwritable
from pool.journal import KEPT_ENDED, Journal, replay

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_assigned_and_not_ended_is_found_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.open()
    journal.settled(0.5)
    journal.assigned("a", 1.0)
    journal.assigned("b", 2.0)
    journal.ended("a", 3.0, "idle")
    journal.close()
    found = Journal(tmp_path / "journal").open()
    assert found.assigned == {"b": 2.0}
    assert found.ended == {"a": "idle"}
    assert found.whole


def test_a_record_is_in_the_file_before_the_call_returns(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.open()
    journal.assigned("a", 1.0)
    assert replay((tmp_path / "journal").read_bytes()).assigned == {"a": 1.0}
    journal.close()


def test_a_missing_journal_is_told(tmp_path: Path) -> None:
    assert not Journal(tmp_path / "journal").open().whole


def test_a_torn_last_line_was_never_acted_upon() -> None:
    whole = replay(b'{"op":"assigned","instance":"a","at":1.0}\n{"op":"assigned","inst')
    assert whole.assigned == {"a": 1.0}
    assert whole.whole


@pytest.mark.parametrize("line", [b"garbage", b"{}", b"[]", b'{"op":"sung","instance":"a","at":1}', b"\xff"])
def test_any_other_damage_is_told_and_the_rest_is_still_read(line: bytes) -> None:
    damaged = replay(line + b'\n{"op":"assigned","instance":"a","at":1.0}\n')
    assert damaged.assigned == {"a": 1.0}
    assert not damaged.whole


def test_opening_keeps_what_matters_and_forgets_old_endings(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.open()
    journal.settled(0.5)
    for number in range(KEPT_ENDED + 10):
        journal.assigned(f"i{number}", 1.0)
        journal.ended(f"i{number}", 2.0, "idle")
    journal.close()
    found = Journal(path).open()
    assert len(found.ended) == KEPT_ENDED
    assert path.read_bytes().count(b"\n") == KEPT_ENDED + 1


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.open()
    journal.close()
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


def test_a_full_disk_is_an_error_and_leaves_no_half_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "journal")
    journal.open()
    journal.settled(0.5)
    journal.assigned("a", 1.0)
    write = os.write
    room = [10]

    def short_write(descriptor: int, content: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        taken = write(descriptor, bytes(content[: room[0]]))
        room[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", short_write)
    with pytest.raises(JournalUnwritable):
        journal.assigned("b", 2.0)
    monkeypatch.undo()
    journal.assigned("c", 3.0)
    journal.close()
    found = replay((tmp_path / "journal").read_bytes())
    assert found.whole
    assert set(found.assigned) == {"a", "c"}


def test_a_journal_that_is_not_open_refuses_to_pretend(tmp_path: Path) -> None:
    with pytest.raises(JournalUnwritable):
        Journal(tmp_path / "journal").assigned("a", 1.0)


def test_a_journal_that_cannot_be_read_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    with pytest.raises(JournalUnwritable, match="journal"):
        Journal(tmp_path / "journal").open()


def test_a_new_journal_is_not_whole_before_everything_that_runs_was_looked_at(tmp_path: Path) -> None:
    for _ in range(2):
        journal = Journal(tmp_path / "journal")
        assert not journal.open().whole
        journal.close()
    journal = Journal(tmp_path / "journal")
    journal.open()
    journal.settled(1.0)
    journal.close()
    assert Journal(tmp_path / "journal").open().whole


def test_looking_at_everything_does_not_mend_a_damaged_line() -> None:
    assert not replay(b'garbage\n{"op":"settled","instance":"","at":1.0}\n').whole


def test_an_empty_file_has_lost_what_it_held() -> None:
    assert not replay(b"").whole


def test_with_no_room_for_a_new_file_the_old_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal"
    before = Journal(path)
    before.open()
    before.settled(0.5)
    before.assigned("a", 1.0)
    before.close()
    with path.open("ab") as file:
        file.write(b'{"op":"assigned","inst')

    def full(descriptor: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    journal = Journal(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        assert journal.open().assigned == {"a": 1.0}
        with pytest.raises(JournalUnwritable):
            journal.assigned("b", 2.0)
    journal.assigned("c", 3.0)
    journal.close()
    assert not path.with_suffix(".new").exists()
    found = Journal(path).open()
    assert found.assigned == {"a": 1.0, "c": 3.0}
    assert found.whole


def test_with_no_room_and_no_old_file_there_is_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalUnwritable):
        Journal(tmp_path / "journal").open()
