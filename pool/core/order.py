"""Which of several ready instances comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.states import State

if TYPE_CHECKING:
    from pool.core.instance import Instance


def by_assignment(instance: Instance) -> tuple[bool, float]:
    """Sort key: a visitor gets a running one before a paused one, and the oldest: none grows stale."""
    return instance.state is State.PAUSED, instance.created_at


def by_surrender(instance: Instance) -> tuple[bool, float]:
    """Sort key: given up is a paused one before a running one, and the oldest, which nobody needed for
    longest.
    """
    return instance.state is State.WARM, instance.created_at
