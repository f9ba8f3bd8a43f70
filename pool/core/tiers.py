"""Which ready instances run and which are paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.actions import Pause, Unpause
from pool.core.states import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pool.core.draft import Draft


def tiers(draft: Draft) -> Iterator[Pause | Unpause]:
    """Keep `hot` instances of each pool running, the oldest, as these are assigned next, and pause the
    others.
    """
    for want in draft.wanted:
        running = [i for i in draft.ready(want.pool) if i.state is State.WARM]
        paused = [i for i in draft.ready(want.pool) if i.state is State.PAUSED]
        # Who waits is about to take one: freezing it before that would only make them wait longer.
        surplus = running[max(want.hot, want.waiting) :]
        lacking = paused[: max(0, want.hot - len(running))]
        changes: list[Pause | Unpause] = [Pause(instance.id) for instance in surplus]
        changes += [Unpause(instance.id) for instance in lacking]
        yield from (change for change in changes if change.instance not in draft.observed.in_flight)
