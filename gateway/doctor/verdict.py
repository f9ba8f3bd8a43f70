"""What a check says. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the report. `remedy` is a command to type or a key to set; empty where all is well."""

    level: Level
    subject: str
    finding: str
    remedy: str = ""


def ok(subject: str, finding: str) -> Verdict:
    """All is well."""
    return Verdict(Level.OK, subject, finding)


def warn(subject: str, finding: str, remedy: str) -> Verdict:
    """It works, with less than is promised."""
    return Verdict(Level.WARN, subject, finding, remedy)


def fail(subject: str, finding: str, remedy: str) -> Verdict:
    """Visitors are not served, or not safely."""
    return Verdict(Level.FAIL, subject, finding, remedy)


def mib(size: int) -> str:
    """Write bytes as whole mebibytes, the unit settings take."""
    return f"{round(size / 2**20)}MiB"
