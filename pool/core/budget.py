"""Bytes: how many there are for all instances together, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pool.core.instance import Instance


def resolve(budget: int | None, *, available: int, reserve: int) -> int:
    """Return the budget in bytes.

    `budget` is the configured number of bytes, or None for `auto`: then it is what the machine has
    `available`, less the `reserve` that stays free for the host; never below zero.
    """
    if budget is not None:
        return budget
    return max(0, available - reserve)


def charged(instances: Iterable[Instance]) -> int:
    """Return the sum of all charges, in bytes: starting and draining instances count in full."""
    return sum(instance.charge for instance in instances if instance.state is not State.GONE)
