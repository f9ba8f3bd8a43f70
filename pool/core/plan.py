"""What to do next: one pure function from what is there and what is wanted to a list of actions.

Level-triggered: every event only means "plan again", so a lost or doubled event costs nothing. The function
is called with the whole truth each time and remembers nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.actions import Destroy, End
from pool.core.draft import Draft
from pool.core.endings import end_instances, idle_sessions
from pool.core.room import make_room
from pool.core.starts import starts
from pool.core.states import PREPARING, State
from pool.core.tiers import tiers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pool.core.actions import Action
    from pool.core.observed import Observed, Wanted


def plan(
    observed: Observed, wanted: Sequence[Wanted], budget: int, now: float, *, start_concurrency: int
) -> list[Action]:
    """Return what to do now, in order: endings and removals first, because they make room."""
    draft = Draft(observed, wanted, budget, now)
    end_instances(draft)
    slots = start_concurrency - sum(i.state in PREPARING for i in observed.instances)
    make_room(draft, slots)
    ends = [End(instance_id, reason) for instance_id, reason in draft.endings.items()]
    removals = [
        Destroy(instance.id)
        for instance in observed.instances
        if (instance.state is State.DRAINING or instance.id in draft.endings)
        and instance.id not in observed.in_flight
        and instance.retry_at <= now
    ]
    return [*ends, *idle_sessions(draft), *removals, *tiers(draft), *starts(draft, slots)]
