"""A network namespace of its own: what runs in it cannot touch this machine's bridges and firewall."""

from __future__ import annotations

import ctypes
import os
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLONE_NEWNET = 0x40000000
"""<linux/sched.h>; Python knows it from 3.12 on."""

MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """Kept by a file, so that it lives until `remove` though nothing runs in it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def make(self) -> None:
        """Make it, with a loopback address in it. Needs root. Raises OSError."""
        self._file.touch()
        # A child makes it, as there would be no way back for this process.
        command = 'mount --bind /proc/self/ns/net "$0" && ip link set lo up'
        subprocess.run(["unshare", "--net", "sh", "-c", command, self._file], check=True)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Sockets and processes that this thread makes now are in the namespace. Files are everybody's."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            there = os.open(self._file, os.O_RDONLY | os.O_CLOEXEC)
            try:
                _set(there)
            finally:
                os.close(there)
            try:
                yield
            finally:
                _set(here)
        finally:
            os.close(here)

    def remove(self) -> None:
        """Let go of it; the kernel removes it with all that is left in it."""
        with suppress(FileNotFoundError):
            _libc.umount2(os.fsencode(self._file), MNT_DETACH)
            self._file.unlink()


def _set(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
