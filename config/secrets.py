"""The signing secret: given, or generated once and kept where only its owner can read it."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from pydantic import SecretStr

from config.errors import WarmgateError
from config.values import MIN_SECRET_LENGTH

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "secret"
_ENTROPY = 32  # bytes
_LONGEST = 4096  # bytes read at most


class SecretUnsafe(WarmgateError):
    """The file of the secret, or its folder, can be read or changed by others, or is not a secret."""

    code = "W102"
    remedy = "Close it to others (chmod 700 the folder, 600 the file), or delete the file for a new secret."


class StateDirUnusable(WarmgateError):
    """The state folder cannot be made, read or written."""

    code = "W103"
    remedy = "Let the gateway's user write there, or name another folder in [gateway] state_dir."


def ensure_secret(state_dir: Path, given: SecretStr) -> SecretStr:
    """Return `given`, or the secret kept in `state_dir`, which is made when it is not there yet.

    Of two gateways that start at once both get the same. Raises SecretUnsafe when others could know or
    change the secret, StateDirUnusable when the folder does not serve.
    """
    if given.get_secret_value():
        return given
    file = state_dir / _NAME
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check(state_dir, state_dir.stat(), stat.S_IWGRP | stat.S_IWOTH)
        if not os.path.lexists(file):
            _generate(file)
        return _read(file)
    except OSError as error:
        raise StateDirUnusable(f"{error.filename or state_dir}: {error.strerror or error}") from error


def _check(path: Path, found: os.stat_result, forbidden: int) -> None:
    """Refuse what another user owns (root may) or what has one of the `forbidden` permission bits."""
    if found.st_uid not in {os.geteuid(), 0}:
        raise SecretUnsafe(f"{path} belongs to user {found.st_uid}")
    if found.st_mode & forbidden:
        raise SecretUnsafe(f"{path} is open to others (mode {stat.S_IMODE(found.st_mode):o})")


def _generate(file: Path) -> None:
    """Write a new secret aside, then give it its name in one step, unless another start was quicker."""
    aside = file.with_name(f".{_NAME}.{secrets.token_hex(8)}")
    made = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(made, "wb") as out:
            out.write(secrets.token_urlsafe(_ENTROPY).encode("ascii"))
            out.flush()
            os.fsync(out.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(aside)
    finally:
        aside.unlink()


def _read(file: Path) -> SecretStr:
    try:
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if file.is_symlink():
            raise SecretUnsafe(f"{file} is a link") from error
        raise
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise SecretUnsafe(f"{file} is not a file")
        _check(file, found, stat.S_IRWXG | stat.S_IRWXO)
        text = os.read(opened, _LONGEST).strip()
    finally:
        os.close(opened)
    if len(text) < MIN_SECRET_LENGTH or not text.isascii():
        raise SecretUnsafe(f"{file} holds no secret: fewer than {MIN_SECRET_LENGTH} characters, or not ASCII")
    return SecretStr(text.decode("ascii"))
