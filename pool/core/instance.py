"""What the pool knows of one instance: a value, replaced and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pool.core.states import Reason, State


@dataclass(frozen=True, slots=True)
class Instance:
    """One container or process. Times are monotonic seconds, sizes are bytes.

    The limits are copied from the pool's settings when the instance is made, so that it keeps them through a
    change of settings, and even when its pool is no longer configured.
    """

    id: str
    pool: str
    generation: str
    """Names the image and settings it was made from; an older generation is never assigned."""
    charge: int
    """What it counts for in the budget until the engine has confirmed that it is gone: its limit, or,
    while it is ready and charges are measured, what it measures.
    """
    limit: int
    """The most memory it can use; what it is charged while it starts and while a visitor has it."""
    state: State
    created_at: float
    since: float
    """When it entered its state."""
    idle_timeout: float
    max_age: float
    assigned_at: float | None = None
    last_activity: float | None = None
    """The visitor's last real use; None while there is no visitor."""
    measured: bool = False
    """Whether `charge` is what it measured once it was ready."""
    claimed: bool = False
    """Whether its visitor has come to it at all."""
    reason: Reason | None = None
    """Why it ends; set from `draining` on."""
    retry_at: float = 0.0
    """A failed removal is tried again from then on."""
