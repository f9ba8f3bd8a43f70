"""The folder that outlives the gateway: is it ours to write, and which process holds it."""

from __future__ import annotations

import os
import re
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.doctor.verdict import Verdict, fail, mib, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBJECT = "state folder"

ROOM = 64 * 2**20
"""Bytes on its disk below which a full disk, and with it the end of all assignments, is near."""

LOCKS = Path("/proc/locks")
_LOCK = re.compile(
    r"^\d+: FLOCK +ADVISORY +WRITE (-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) ", re.ASCII | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder, or where it would be made. `user` is who asks."""

    path: Path
    there: bool
    nearest: Path
    """The folder itself, or the next one above it that is there."""
    writable: bool
    """Whether `user` may write in `nearest`."""
    free: int
    user: int
    owner: int = 0
    mode: int = 0
    holder: int | None = None
    """Process id of the gateway that holds the lock; 0 where it cannot be seen from here."""


def look(path: Path, locks: Path = LOCKS) -> Folder:
    """Look without making or locking anything."""
    nearest, found = next(seen for each in (path, *path.parents) if (seen := _seen(each)) is not None)
    there = nearest == path
    return Folder(
        path=path,
        there=there,
        nearest=nearest,
        writable=os.access(nearest, os.W_OK | os.X_OK) and stat.S_ISDIR(found.st_mode),
        free=shutil.disk_usage(nearest).free,
        user=os.geteuid(),
        owner=found.st_uid,
        mode=stat.S_IMODE(found.st_mode),
        holder=_holder(path / "lock", locks),
    )


def _seen(path: Path) -> tuple[Path, os.stat_result] | None:
    try:
        return path, path.stat()
    except OSError:
        return None  # Not there, or in a folder that is closed to us, which is looked at next.


def _holder(lock: Path, locks: Path) -> int | None:
    try:
        found, listed = lock.stat(), locks.read_text()
    except OSError:
        return None
    return holder(listed, os.major(found.st_dev), os.minor(found.st_dev), found.st_ino)


def holder(locks: str, major: int, minor: int, inode: int) -> int | None:
    """Read /proc/locks: return the process that holds a lock on this file; 0 for one that is not shown."""
    for process, *place in _LOCK.findall(locks):
        if (int(place[0], 16), int(place[1], 16), int(place[2])) == (major, minor, inode):
            return max(0, int(process))
    return None


def judge(folder: Folder, *, answers: bool) -> Iterator[Verdict]:
    """Say whether a gateway could keep its state there. `answers`: its admin port does."""
    path = folder.path
    if not folder.writable:
        where = "cannot be written" if folder.there else f"cannot be made in {folder.nearest}"
        yield fail(
            SUBJECT,
            f"{path} {where} by user {folder.user}",
            f"sudo install -d -m 700 -o {folder.user} {path}, or set [gateway] state_dir",
        )
        return
    if folder.there and folder.owner not in {folder.user, 0}:
        yield fail(SUBJECT, f"{path} belongs to user {folder.owner}", f"sudo chown -R {folder.user} {path}")
    elif folder.there and folder.mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield fail(SUBJECT, f"{path} can be written by others (mode {folder.mode:o})", f"chmod 700 {path}")
    elif folder.free < ROOM:
        yield warn(
            SUBJECT,
            f"{path} has only {mib(folder.free)} left on its disk; a full one ends all assignments",
            f"free space there (df -h {folder.nearest}), or set [gateway] state_dir",
        )
    else:
        yield ok(SUBJECT, f"{path} {'can be written' if folder.there else 'is made at the first start'}")
    if folder.holder is None:
        return
    who = f"process {folder.holder}" if folder.holder else "a process that is not shown here"
    if answers:
        yield ok(SUBJECT, f"held by {who}, the gateway")
    else:
        show = f"ps -fp {folder.holder}" if folder.holder else f"fuser {path / 'lock'}"
        yield fail(
            SUBJECT,
            f"held by {who}, yet no gateway answers at the admin address of these settings",
            f"{show} shows it; end it, or set another [engine] gateway_id for this gateway",
        )
