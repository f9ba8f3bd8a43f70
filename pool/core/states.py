"""The life of an instance, and why it ends."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(StrEnum):
    """`starting` → `warming` → `warm` ⇄ `paused` → `assigned` → `draining` → `gone`."""

    STARTING = "starting"
    WARMING = "warming"
    WARM = "warm"
    PAUSED = "paused"
    ASSIGNED = "assigned"
    DRAINING = "draining"
    GONE = "gone"


PREPARING = frozenset({State.STARTING, State.WARMING})
"""On the way to being warm; each one takes a place of `start_concurrency`."""

READY = frozenset({State.WARM, State.PAUSED})
"""Can be assigned at once."""

NEXT: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.STARTING: frozenset({State.WARMING, State.DRAINING}),
        State.WARMING: frozenset({State.WARM, State.DRAINING}),
        State.WARM: frozenset({State.PAUSED, State.ASSIGNED, State.DRAINING}),
        State.PAUSED: frozenset({State.WARM, State.ASSIGNED, State.DRAINING}),
        State.ASSIGNED: frozenset({State.DRAINING}),
        State.DRAINING: frozenset({State.GONE}),
        State.GONE: frozenset(),
    }
)
"""The only steps there are."""


class Reason(StrEnum):
    """Why an instance ended. The words stand in logs, metrics, the journal and on the visitor's page."""

    IDLE = "idle"
    MAX_AGE = "max_age"
    SHUTDOWN = "shutdown"
    DIED = "died"
    OUT_OF_MEMORY = "out_of_memory"
    START_FAILED = "start_failed"
    STALE = "stale"
    SURPLUS = "surplus"
    EVICTED = "evicted"
    PRESSURE = "pressure"
    DRAINED = "drained"
    ORPHAN = "orphan"
    STOPPED = "stopped"
