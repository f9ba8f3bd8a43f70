"""Limits of the host that many sessions at once may meet: open files, processes."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from gateway.doctor.verdict import Verdict, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings

FILES_PER_SESSION = 20
"""An open notebook holds up to ten connections, each with a visitor's and an instance's end."""

FILES_OF_OUR_OWN = 200
"""Engine, journal, logs, requests on the way."""

PROCESSES_OF_THE_HOST = 2000
"""What else runs, threads included."""

PID_LIMITS = (Path("/proc/sys/kernel/pid_max"), Path("/proc/sys/kernel/threads-max"))
PID_MAX = 4194304
"""The highest Linux takes (proc(5)), on 64 bits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the host allows."""

    files: int
    """Open files of the gateway that runs, or else of a program started from here; -1 for any number."""
    processes: dict[str, int]
    """Processes and threads on the machine, by the name of the limit."""


def look(gateway: int | None) -> Limits:
    """Ask the kernel; `gateway` is the process id of the one that runs, if it does."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if gateway:
        try:
            files = psutil.Process(gateway).rlimit(psutil.RLIMIT_NOFILE)[0]
        except (psutil.Error, OSError):
            gateway = None  # Another user's: what a program gets from here is the best guess.
    processes = {}
    for path in PID_LIMITS:
        try:
            processes[f"kernel.{path.name}"] = int(path.read_text())
        except (OSError, ValueError):
            continue
    return Limits(files, processes)


def sessions(settings: Settings, budget: int) -> int:
    """Return how many instances there can be at once."""
    return min(
        sum(pool.max for pool in settings.pools), budget // min(pool.memory for pool in settings.pools)
    )


def judge(limits: Limits, settings: Settings, *, budget: int, local: bool) -> Iterator[Verdict]:
    """Say whether all sessions at once find room. `local`: instances run on this machine's kernel."""
    count = sessions(settings, budget)
    files = count * FILES_PER_SESSION + FILES_OF_OUR_OWN
    if 0 <= limits.files < files:
        yield warn(
            "open files",
            f"{limits.files} allowed; {count} sessions may need {files}",
            f"LimitNOFILE={files} in the service's unit, or ulimit -n {files} before the start",
        )
    else:
        yield ok("open files", f"enough for {count} sessions")
    if not local or not limits.processes:
        return
    name, allowed = min(limits.processes.items(), key=lambda item: item[1])
    processes = count * max(pool.pids for pool in settings.pools) + PROCESSES_OF_THE_HOST
    if allowed < processes:
        yield warn(
            "processes",
            f"{allowed} on the machine ({name}); {count} instances may have {processes}",
            f"sudo sysctl -w {name}={min(processes, PID_MAX)}, or a lower [[pools]] pids",
        )
    else:
        yield ok("processes", f"{allowed} on the machine, enough for {count} instances")
