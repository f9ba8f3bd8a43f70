from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from config import SecretUnsafe, StateDirUnusable, WarmgateError, ensure_secret
from config.secrets import _check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NONE = SecretStr("")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state" / "default"


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def kept(state: Path, text: str = "x" * 43, permissions: int = 0o600) -> Path:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = state / "secret"
    file.write_text(text)
    file.chmod(permissions)
    return file


def test_a_given_secret_is_used_and_nothing_is_written(state: Path) -> None:
    assert ensure_secret(state, SecretStr("given-given-given")).get_secret_value() == "given-given-given"
    assert not state.exists()


@pytest.mark.usefixtures("open_umask")
def test_a_missing_secret_is_generated_where_only_its_owner_reads(state: Path) -> None:
    secret = ensure_secret(state, NONE)
    assert len(secret.get_secret_value()) == 43
    assert mode(state / "secret") == 0o600
    assert mode(state) == 0o700
    assert list(state.iterdir()) == [state / "secret"]


def test_the_generated_secret_stays_the_same(state: Path) -> None:
    assert ensure_secret(state, NONE) == ensure_secret(state, NONE)


def test_two_gateways_get_different_secrets(tmp_path: Path) -> None:
    assert ensure_secret(tmp_path / "a", NONE) != ensure_secret(tmp_path / "b", NONE)


def test_a_start_that_was_quicker_wins(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = kept(state)
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    assert ensure_secret(state, NONE).get_secret_value() == file.read_text()
    assert list(state.iterdir()) == [state / "secret"]


@pytest.mark.parametrize("permissions", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
def test_a_secret_others_can_open_is_refused_with_a_remedy(state: Path, permissions: int) -> None:
    kept(state, permissions=permissions)
    with pytest.raises(SecretUnsafe, match=f"mode {permissions:o}") as error:
        ensure_secret(state, NONE)
    assert "600" in error.value.remedy
    assert error.value.code == "W102"


@pytest.mark.parametrize("permissions", [0o770, 0o707, 0o1777])
def test_a_folder_others_can_write_is_refused(state: Path, permissions: int) -> None:
    state.mkdir(parents=True)
    state.chmod(permissions)
    with pytest.raises(SecretUnsafe, match="is open to others"):
        ensure_secret(state, NONE)


def test_a_folder_others_can_only_read_is_fine(state: Path) -> None:
    state.mkdir(parents=True)
    state.chmod(0o755)
    assert ensure_secret(state, NONE).get_secret_value()


@pytest.mark.parametrize("text", ["", "short", "x" * 15, " " * 40, "\u00fc" * 40])
def test_a_file_that_holds_no_secret_is_refused_without_repeating_it(state: Path, text: str) -> None:
    kept(state, text)
    with pytest.raises(SecretUnsafe) as error:
        ensure_secret(state, NONE)
    assert not text.strip() or text not in str(error.value)


def test_a_line_end_after_the_secret_is_no_part_of_it(state: Path) -> None:
    kept(state, "x" * 20 + "\n")
    assert ensure_secret(state, NONE).get_secret_value() == "x" * 20


def test_a_link_in_place_of_the_secret_is_not_followed(state: Path, tmp_path: Path) -> None:
    elsewhere = kept(tmp_path / "elsewhere")
    state.mkdir(parents=True)
    (state / "secret").symlink_to(elsewhere)
    with pytest.raises(SecretUnsafe, match="is a link"):
        ensure_secret(state, NONE)


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: os.mkfifo(path, 0o600)])
def test_what_is_no_file_is_refused(state: Path, make: object) -> None:
    state.mkdir(parents=True)
    assert callable(make)
    make(state / "secret")
    with pytest.raises(SecretUnsafe, match="is not a file"):
        ensure_secret(state, NONE)


def owned_by(uid: int) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | 0o600, 1, 1, 1, uid, 1, 43, 0, 0, 0))


def test_what_belongs_to_another_user_is_refused(state: Path) -> None:
    stranger = os.geteuid() + 1
    with pytest.raises(SecretUnsafe, match=f"belongs to user {stranger}"):
        _check(state, owned_by(stranger), 0o077)


@pytest.mark.parametrize("uid", [0, os.geteuid()])
def test_what_belongs_to_oneself_or_root_is_fine(state: Path, uid: int) -> None:
    _check(state, owned_by(uid), 0o077)


def test_no_file_stays_open(state: Path) -> None:
    before = set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names, not paths
    ensure_secret(state, NONE)
    kept(state, permissions=0o644)
    with pytest.raises(SecretUnsafe):
        ensure_secret(state, NONE)
    assert set(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - names, not paths


def test_a_folder_that_cannot_be_made_is_told_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateDirUnusable, match="file") as error:
        ensure_secret(tmp_path / "file" / "state", NONE)
    assert isinstance(error.value, WarmgateError)
    assert "state_dir" in error.value.remedy


def test_a_secret_that_cannot_be_read_is_told_with_its_path(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept(state)

    def denied(path: Path, _: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(StateDirUnusable, match=f"{file}: Permission denied"):
        ensure_secret(state, NONE)


def test_a_failed_write_leaves_nothing_behind(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateDirUnusable, match="No space left"):
        ensure_secret(state, NONE)
    assert not list(state.iterdir())


def test_a_secret_does_not_show_in_what_is_returned(state: Path) -> None:
    secret = ensure_secret(state, NONE)
    assert secret.get_secret_value() not in f"{secret} {secret!r}"
