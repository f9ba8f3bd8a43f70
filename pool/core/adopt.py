"""What becomes of an instance found running when the gateway starts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Fate(StrEnum):
    """Keep its session, check it and use it again, or remove it."""

    SESSION = "session"
    REUSE = "reuse"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What adoption looks at. `reachable` means: runs, and made with the secret this gateway holds."""

    instance: str
    pool: str
    generation: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the journal says. `whole` is False when the journal is missing or cannot be read."""

    assigned: frozenset[str]
    ended: frozenset[str]
    whole: bool


def fate(candidate: Candidate, remembered: Remembered, generations: Mapping[str, str]) -> Fate:
    """Return what to do with a found instance. `generations` maps configured pools to their current one.

    Without a whole journal nobody can say whether a visitor holds it: then it is kept as a session, which is
    never handed to anyone else and ends by idleness like any other.
    """
    if not candidate.reachable or candidate.instance in remembered.ended:
        return Fate.REMOVE
    if candidate.instance in remembered.assigned or not remembered.whole:
        return Fate.SESSION
    if generations.get(candidate.pool) == candidate.generation:
        return Fate.REUSE
    return Fate.REMOVE
