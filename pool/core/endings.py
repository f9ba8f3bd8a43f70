"""Which instances end, whether or not their memory is needed elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.actions import AskBusy
from pool.core.states import READY, Reason, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pool.core.draft import Draft
    from pool.core.instance import Instance

UNCLAIMED_SECONDS = 120.0
"""How long an instance waits for a visitor who asked for it and has not come: they may have left before the
answer reached them, or been a program that only looks.
"""


def end_instances(draft: Draft) -> None:
    """Decide on sessions that are over, on instances nobody should get any more, and on those that are too
    many.
    """
    configured = {want.pool for want in draft.wanted}
    for instance in draft.observed.instances:
        if instance.state is State.ASSIGNED:
            if (reason := _over(instance, draft.now)) is not None:
                draft.end(instance, reason)
        elif instance.state in READY and instance.pool not in configured:
            draft.end(instance, Reason.STALE)
    for want in draft.wanted:
        # An older generation serves as long as the new one does not: it leaves one for one.
        missing = max(0, want.target - len(draft.ready(want.pool)))
        stale = draft.stale(want.pool)
        for instance in stale[: max(0, len(stale) - missing)]:
            draft.end(instance, Reason.STALE)
        idle = draft.idle(want.pool)
        # Who waits is about to get one.
        for instance in idle[: max(0, len(idle) - want.supply)]:
            draft.end(instance, Reason.SURPLUS)
    _fit_budget(draft)
    _relieve_host(draft)


def idle_sessions(draft: Draft) -> Iterator[AskBusy]:
    """Yield a question for each session without traffic for its idle time."""
    for instance in draft.observed.instances:
        if instance.state is not State.ASSIGNED or instance.id in draft.endings:
            continue
        last = instance.last_activity
        quiet_since = _assigned_at(instance) if last is None else last
        idle = draft.now - quiet_since >= instance.idle_timeout
        if idle and instance.id not in draft.observed.in_flight:
            yield AskBusy(instance.id)


def _over(instance: Instance, now: float) -> Reason | None:
    if now - _assigned_at(instance) >= instance.max_age:
        return Reason.MAX_AGE
    if not instance.claimed and now - _assigned_at(instance) >= UNCLAIMED_SECONDS:
        return Reason.IDLE
    return None


def _assigned_at(instance: Instance) -> float:
    return instance.created_at if instance.assigned_at is None else instance.assigned_at


def _idle(draft: Draft) -> list[Instance]:
    """Return every ready instance that stays so far, oldest first."""
    spared = draft.endings.keys() | draft.observed.promised
    found = (i for i in draft.observed.instances if i.state in READY and i.id not in spared)
    return sorted(found, key=lambda i: i.created_at)


def _fit_budget(draft: Draft) -> None:
    """End ready instances until what stays fits: the budget may have been lowered, or more was adopted."""
    for instance in _idle(draft):
        if draft.overdrawn <= draft.coming:
            return
        draft.end(instance, Reason.SURPLUS)


def _relieve_host(draft: Draft) -> None:
    """While the host is short of memory end one ready instance at a time: the next look tells whether it
    helped.
    """
    if draft.observed.host.strained and not draft.coming and (idle := _idle(draft)):
        draft.end(idle[0], Reason.PRESSURE)
