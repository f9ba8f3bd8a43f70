"""The folder that outlives the gateway: secret, journal, and the lock that keeps a second gateway out."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

from config import StateDirUnusable
from pool.errors import StateDirBusy

if TYPE_CHECKING:
    from pathlib import Path

MODE = 0o700


class StateDir:
    """A locked folder. The lock goes with the process, so a killed gateway leaves nothing to clean up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def __enter__(self) -> Self:
        """Make the folder and lock it. Raises StateDirUnusable, and StateDirBusy when another gateway
        holds it.
        """
        try:
            self.path.mkdir(mode=MODE, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateDirUnusable(f"{error.filename or self.path}: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise StateDirBusy(f"{self.path} is in use") from None
        self._lock = lock
        return self

    def __exit__(self, *_: object) -> None:
        """Unlock it; the content stays."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
