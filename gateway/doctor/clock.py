"""The clock. Ages and timeouts do not use it; logs, certificates and people do."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.doctor.verdict import Verdict, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterable

UNSYNCHRONISED = 5
"""TIME_ERROR of ntp_gettime(3): nothing keeps the kernel's clock."""

ANSWER_BYTES = 128
"""More than struct ntptimeval takes; only the state that is returned is of interest."""

SLACK = 60.0
"""Seconds a file may seem to be from the future: file systems and other machines' clocks differ a little."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since 1970. `newest` is when a file that is here already was last written."""

    now: float
    newest: float
    ntp: int | None
    """What ntp_gettime says; None where there is no such call."""


def look(files: Iterable[Path]) -> Clock:
    """Read the clock and the times of files that were written here."""
    written = [0.0]
    for path in (Path(__file__), *files):
        try:
            written.append(path.stat().st_mtime)
        except OSError:
            continue
    return Clock(time.time(), max(written), _ntp())


def _ntp() -> int | None:
    try:
        return int(ctypes.CDLL(None).ntp_gettime(ctypes.create_string_buffer(ANSWER_BYTES)))
    except (AttributeError, OSError):
        return None


def judge(clock: Clock) -> Verdict:
    """Say whether the clock can be trusted."""
    if clock.now + SLACK < clock.newest:
        newest = datetime.fromtimestamp(clock.newest, UTC).isoformat(timespec="seconds")
        return fail("clock", f"it is before {newest}, when a file of ours was written", _SET)
    if clock.ntp is None or clock.ntp < 0:
        return warn("clock", "whether something keeps it right cannot be told here", "timedatectl status")
    if clock.ntp == UNSYNCHRONISED:
        return warn("clock", "nothing keeps it right, so times in logs may be wrong", _SET)
    return ok("clock", "kept right by a time service")


_SET = "sudo timedatectl set-ntp true, or start chronyd or ntpd"
