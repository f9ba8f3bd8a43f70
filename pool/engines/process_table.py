"""Which processes of this machine belong to which instance. Blocking: called from threads.

A process belongs to an instance when it carries its mark, is in its session, or descends from one that does.
The mark is in environment variables, which children inherit: it also finds kernels, which Jupyter puts in
sessions of their own and which outlive it.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

GATEWAY = "WARMGATE_GATEWAY"
INSTANCE = "WARMGATE_INSTANCE"
"""The environment variables that hold which instance of which gateway a process belongs to."""

SETTLED = 3.0
"""Seconds after which a process is taken to have become what it is: between fork and exec it still shows its
parent's environment.
"""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Row:
    """One process."""

    pid: int
    parent: int
    session: int
    mark: str
    """Empty when it belongs to no instance, or when that cannot be read."""
    process: psutil.Process = field(compare=False, repr=False)


def mark(gateway_id: str, instance_id: str) -> str:
    """Return what the processes of an instance carry; empty parts make it empty, which marks nothing."""
    return f"{gateway_id}/{instance_id}" if gateway_id and instance_id else ""


def owned(rows: Iterable[Row], wanted: str, leader: int | None) -> frozenset[int]:
    """Return the pids of the instance marked `wanted`.

    `leader` is the pid of its first process while that is known to be there and the same: only then does its
    session prove anything.
    """
    rows = tuple(rows)
    pids = {row.pid for row in rows if row.mark == wanted}
    if leader is not None:
        pids |= {row.pid for row in rows if leader in {row.pid, row.session}}
    children: dict[int, list[int]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row.pid)
    unseen = list(pids)
    while unseen:
        for child in children.get(unseen.pop(), ()):
            if child not in pids:
                pids.add(child)
                unseen.append(child)
    # Whatever happens, the gateway does not take itself for a part of an instance.
    return frozenset(pids - {os.getpid()})


def birth(pid: int) -> str | None:
    """Return what, together with the pid, names a process for ever; None when there is none.

    A pid alone comes back; and the wall-clock time of birth that others use moves when the clock is set.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None if BOOT_ID.exists() else _created(pid)
    # Field 22 is the time since boot; the name, field 2, may itself hold blanks and brackets.
    ticks = stat.rpartition(b")")[2].split()[19].decode()
    return f"{BOOT_ID.read_text().strip()}:{ticks}"


def _created(pid: int) -> str | None:
    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def alive(process: psutil.Process) -> bool:
    """Return whether it still runs. A zombie does not, unless only its first thread has ended."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return process.num_threads() > 1
        return process.is_running()
    except psutil.NoSuchProcess:
        return False


def memory(process: psutil.Process) -> int:
    """Return anonymous and shared memory in bytes, shared pages divided among those that share them."""
    try:
        return _proportional(process.pid)
    except (OSError, KeyError):
        # Not Linux, an old one, or not ours to read: what is the process's alone, or else all of it.
        try:
            return int(process.memory_full_info().uss)
        except psutil.NoSuchProcess:
            return 0
        except psutil.AccessDenied:
            return int(process.memory_info().rss)


def _proportional(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kib = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines)}
    return (kib["Pss_Anon"] + kib["Pss_Shmem"]) * 1024


class Table:
    """Looks at all processes. Remembers the marks of settled ones, which costs most to read."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[psutil.Process, tuple[float, str]] = {}

    def rows(self) -> tuple[Row, ...]:
        """Return every process there is right now."""
        with self._lock:
            now = self._clock()
            before, self._seen = self._seen, {}
            return tuple(row for process in psutil.process_iter() if (row := self._row(process, before, now)))

    def _row(
        self, process: psutil.Process, before: dict[psutil.Process, tuple[float, str]], now: float
    ) -> Row | None:
        # Processes are equal when pid and time of birth are, so none inherits a predecessor's entry.
        since, carried = before.get(process, (now, ""))
        try:
            if now - since < SETTLED:
                carried = _carried(process)
            row = Row(process.pid, process.ppid(), os.getsid(process.pid), carried, process)
        except (psutil.NoSuchProcess, ProcessLookupError):
            return None
        self._seen[process] = since, carried
        return row


def _carried(process: psutil.Process) -> str:
    try:
        environment = process.environ()
        return mark(environment.get(GATEWAY, ""), environment.get(INSTANCE, ""))
    except (psutil.AccessDenied, psutil.ZombieProcess, OSError, ValueError):
        # Another user's, or the kernel's own.
        return ""
