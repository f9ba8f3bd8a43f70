from __future__ import annotations

import fcntl
import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.doctor import state
from gateway.doctor.verdict import Level

FOLDER = state.Folder(
    path=Path("/srv/warmgate"),
    there=True,
    nearest=Path("/srv/warmgate"),
    writable=True,
    free=2**34,
    user=1000,
    owner=1000,
    mode=0o700,
)

LOCKS = """\
1: POSIX  ADVISORY  WRITE 77 fd:00:1234 0 EOF
2: FLOCK  ADVISORY  READ  78 fd:00:1234 0 EOF
3: FLOCK  ADVISORY  WRITE 79 fd:01:1234 0 EOF
4: FLOCK  ADVISORY  WRITE 80 fd:00:1234 0 EOF
5: FLOCK  ADVISORY  WRITE -1 fd:00:99 0 EOF
"""


def levels(folder: state.Folder, *, answers: bool = False) -> list[Level]:
    return [verdict.level for verdict in state.judge(folder, answers=answers)]


def test_a_folder_of_ones_own_is_well_whether_or_not_it_is_there_yet() -> None:
    assert levels(FOLDER) == [Level.OK]
    assert levels(replace(FOLDER, there=False, owner=0, mode=0o755, nearest=Path("/srv"))) == [Level.OK]


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"writable": False}, "install -d -m 700 -o 1000 /srv/warmgate"),
        ({"writable": False, "there": False, "nearest": Path("/srv")}, "install -d -m 700 -o 1000"),
        ({"owner": 7}, "chown -R 1000 /srv/warmgate"),
        ({"mode": 0o770}, "chmod 700 /srv/warmgate"),
        ({"mode": 0o702}, "chmod 700 /srv/warmgate"),
    ],
)
def test_a_folder_that_does_not_serve_fails_with_the_command_that_mends_it(
    changes: dict[str, object], remedy: str
) -> None:
    (verdict,) = state.judge(replace(FOLDER, **changes), answers=False)  # type: ignore[arg-type] # any field
    assert verdict.level is Level.FAIL
    assert remedy in verdict.remedy


def test_a_disk_that_is_almost_full_is_told_before_it_ends_assignments() -> None:
    assert levels(replace(FOLDER, free=2**20)) == [Level.WARN]


def test_a_folder_held_by_the_gateway_is_well_and_held_by_another_process_fails() -> None:
    held = replace(FOLDER, holder=4711)
    assert levels(held, answers=True) == [Level.OK, Level.OK]
    assert levels(held, answers=False) == [Level.OK, Level.FAIL]
    assert "4711" in list(state.judge(held, answers=False))[-1].remedy


@pytest.mark.parametrize(
    ("place", "process"),
    [((0xFD, 0, 1234), 80), ((0xFD, 1, 1234), 79), ((0xFD, 0, 99), 0), ((0xFD, 0, 5), None)],
)
def test_only_a_writers_lock_on_this_very_file_counts(
    place: tuple[int, int, int], process: int | None
) -> None:
    assert state.holder(LOCKS, *place) == process


def test_looking_finds_the_holder_and_makes_nothing(tmp_path: Path) -> None:
    missing = tmp_path / "a" / "b"
    seen = state.look(missing)
    assert (seen.there, seen.nearest, seen.holder) == (False, tmp_path, None)
    assert not missing.exists()
    with (tmp_path / "lock").open("w") as lock:
        found = (tmp_path / "lock").stat()
        fcntl.flock(lock, fcntl.LOCK_EX)
        listed = tmp_path / "locks"
        device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
        listed.write_text(f"1: FLOCK  ADVISORY  WRITE {os.getpid()} {device}:{found.st_ino} 0 EOF\n")
        assert state.look(tmp_path, listed).holder == os.getpid()


def test_a_file_in_the_folders_place_cannot_be_written_into(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not state.look(tmp_path / "file").writable
    assert not state.look(tmp_path / "file" / "below").writable
