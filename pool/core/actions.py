"""What the pool decides to do next: pure values, carried out by the keeper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pool.core.states import Reason


@dataclass(frozen=True, slots=True)
class Start:
    """Make one more instance of this pool."""

    pool: str


@dataclass(frozen=True, slots=True)
class End:
    """This instance is over for everyone; its removal follows."""

    instance: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class AskBusy:
    """No visitor's traffic for its idle time: ask the server whether it still computes."""

    instance: str


@dataclass(frozen=True, slots=True)
class Destroy:
    """Remove an instance that is over."""

    instance: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Let a ready instance cost no CPU."""

    instance: str


@dataclass(frozen=True, slots=True)
class Unpause:
    """Let a paused instance run, so that its next visitor need not wait for that."""

    instance: str


Action = Start | End | AskBusy | Destroy | Pause | Unpause
