"""Signals to all processes of an instance, and what its first process is doing. Blocking, for threads."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import psutil

from pool.engines.engine import Status
from pool.engines.process_table import alive, birth
from pool.errors import EngineTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pool.engines.process_folder import Record

    Find = Callable[[], Sequence[psutil.Process]]
    """Looks anew for the processes of an instance."""

NOFILE = 8192
"""Open files per process."""

NICE = 5
"""Instances give way to the gateway."""

KILL_LIMIT = 15.0
"""Seconds until processes that do not go in spite of SIGKILL are given up for now."""

KILL_ROUND = 1.0
"""Seconds to wait for what was killed before looking again for what it may have left."""

STOP_LIMIT = 2.0
"""Seconds until all of an instance has taken notice of SIGSTOP or SIGCONT."""

STOP_EVERY = 0.005
"""Seconds between two looks at that."""


def leader(record: Record | None) -> psutil.Process | None:
    """Return an instance's first process while it runs and is still the same."""
    if record is None or not record.pid or birth(record.pid) != record.birth:
        return None
    try:
        process = psutil.Process(record.pid)
    except psutil.NoSuchProcess:
        return None
    return process if alive(process) else None


def status(record: Record) -> Status:
    """Return what an instance's first process is doing."""
    if not record.pid:
        return Status.CREATED
    process = leader(record)
    if process is None:
        return Status.EXITED
    return Status.PAUSED if _stopped(process) else Status.RUNNING


def kill_all(find: Find, clock: Callable[[], float]) -> None:
    """Kill until nothing is found any more. Raises EngineTimeout."""
    deadline = clock() + KILL_LIMIT
    while processes := find():
        for process in processes:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(processes, timeout=KILL_ROUND)
        if clock() > deadline:
            raise EngineTimeout(f"{len(processes)} processes do not end")


def stop_all(find: Find, clock: Callable[[], float]) -> None:
    """Stop until nothing is found that is not stopped: what is not may still fork. Raises EngineTimeout."""
    _send_until(find, clock, signal.SIGSTOP, stopped=True)


def continue_all(find: Find, clock: Callable[[], float]) -> None:
    """Let everything go on. Raises EngineTimeout."""
    _send_until(find, clock, signal.SIGCONT, stopped=False)


def restrain(pid: int) -> str:
    """Set what limits there are for a single process and what it will start; return why not, or nothing."""
    try:
        process = psutil.Process(pid)
        process.nice(NICE)
        if psutil.LINUX:
            process.rlimit(psutil.RLIMIT_NOFILE, (NOFILE, NOFILE))
            process.rlimit(psutil.RLIMIT_CORE, (0, 0))
    except (psutil.Error, OSError, ValueError) as error:
        # It has ended already, or our own limits are lower: nothing that should stop a start.
        return str(error)
    return ""


def _send_until(find: Find, clock: Callable[[], float], number: signal.Signals, *, stopped: bool) -> None:
    deadline = clock() + STOP_LIMIT
    while todo := [process for process in find() if _stopped(process) is not stopped]:
        if clock() > deadline:
            raise EngineTimeout(f"{len(todo)} processes take no notice of {number.name}")
        for process in todo:
            _send(process, number)
        time.sleep(STOP_EVERY)


def _stopped(process: psutil.Process) -> bool | None:
    """Return None when it has ended."""
    try:
        return process.status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return None


def _send(process: psutil.Process, number: signal.Signals) -> None:
    """Send a signal. psutil makes sure that the pid has not been given to another process meanwhile."""
    try:
        process.send_signal(number)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return
