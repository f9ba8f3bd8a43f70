"""What to do next: one pure function from what is there and what is wanted to a list of actions.

Level-triggered: every event only means "plan again", so a lost or doubled event costs nothing. The function
is called with the whole truth each time and remembers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pool.core.budget import charged
from pool.core.states import PREPARING, READY, Reason, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pool.core.instance import Instance


UNCLAIMED_SECONDS = 120.0
"""How long an instance waits for a visitor who asked for it and has not come: they may have left before the
answer reached them, or been a program that only looks.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one pool should look like. `charge` is bytes per instance, `start_at` monotonic seconds."""

    pool: str
    generation: str
    charge: int
    warm: int
    max: int
    start_at: float = 0.0
    """No start before this moment: the last ones failed, or the image is missing."""
    refill_at: float = 0.0
    """No start before this moment while an instance is ready: a visitor's page is loading."""


@dataclass(frozen=True, slots=True)
class Observed:
    """All instances there are, and those a carried-out action is busy with."""

    instances: tuple[Instance, ...]
    in_flight: frozenset[str] = frozenset()


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


Action = Start | End | AskBusy | Destroy


def plan(
    observed: Observed, wanted: Sequence[Wanted], budget: int, now: float, *, start_concurrency: int
) -> list[Action]:
    """Return what to do now, in order: endings and removals first, because they make room."""
    ending = list(_endings(observed, wanted, now))
    ended = {action.instance for action in ending if isinstance(action, End)}
    for action in _over_budget(observed, ended, budget):
        ending.append(action)
        ended.add(action.instance)
    removals = [
        Destroy(instance.id)
        for instance in observed.instances
        if (instance.state is State.DRAINING or instance.id in ended)
        and instance.id not in observed.in_flight
        and instance.retry_at <= now
    ]
    living = tuple(instance for instance in observed.instances if instance.id not in ended)
    starts = _starts(observed.instances, living, wanted, budget, now, start_concurrency)
    return [*ending, *removals, *starts]


def _endings(observed: Observed, wanted: Sequence[Wanted], now: float) -> Iterator[End | AskBusy]:
    current = {want.pool: want.generation for want in wanted}
    for instance in observed.instances:
        if instance.state is State.ASSIGNED:
            yield from _session_ending(instance, observed.in_flight, now)
        elif instance.state in READY and current.get(instance.pool) != instance.generation:
            yield End(instance.id, Reason.STALE)
    for want in wanted:
        ready = [
            i
            for i in observed.instances
            if i.pool == want.pool and i.state in READY and i.generation == want.generation
        ]
        # The oldest go first: they are the ones nobody has needed for longest.
        ready.sort(key=lambda i: i.created_at)
        for instance in ready[: max(0, len(ready) - want.warm)]:
            yield End(instance.id, Reason.SURPLUS)


def _over_budget(observed: Observed, ended: set[str], budget: int) -> Iterator[End]:
    """Yield ready instances to end, oldest first, until what stays fits: the budget may have been lowered."""
    staying = [i for i in observed.instances if i.id not in ended and i.state is not State.DRAINING]
    excess = charged(staying) - budget
    for instance in sorted(staying, key=lambda i: i.created_at):
        if excess <= 0:
            return
        if instance.state in READY:
            yield End(instance.id, Reason.SURPLUS)
            excess -= instance.charge


def _session_ending(instance: Instance, in_flight: frozenset[str], now: float) -> Iterator[End | AskBusy]:
    assigned_at = instance.created_at if instance.assigned_at is None else instance.assigned_at
    last_activity = assigned_at if instance.last_activity is None else instance.last_activity
    if now - assigned_at >= instance.max_age:
        yield End(instance.id, Reason.MAX_AGE)
    elif not instance.claimed and now - assigned_at >= UNCLAIMED_SECONDS:
        yield End(instance.id, Reason.IDLE)
    elif now - last_activity >= instance.idle_timeout and instance.id not in in_flight:
        yield AskBusy(instance.id)


def _starts(
    everything: Sequence[Instance],
    living: Sequence[Instance],
    wanted: Sequence[Wanted],
    budget: int,
    now: float,
    start_concurrency: int,
) -> Iterator[Start]:
    """Yield starts, one at a time to the pool that lacks the largest share of what it should hold warm."""
    # What is ending is charged until it is gone: the budget is about memory, not about intentions.
    room = budget - charged(everything)
    slots = start_concurrency - sum(i.state in PREPARING for i in everything)
    count = {want.pool: sum(i.pool == want.pool for i in everything) for want in wanted}
    supply = {
        want.pool: sum(
            i.pool == want.pool
            and i.generation == want.generation
            and (i.state in PREPARING or i.state in READY)
            for i in living
        )
        for want in wanted
    }

    ready = {want.pool for want in wanted if any(i.pool == want.pool and i.state in READY for i in living)}

    def startable(want: Wanted) -> bool:
        return (
            want.start_at <= now
            and (want.refill_at <= now or want.pool not in ready)
            and supply[want.pool] < want.warm
            and count[want.pool] < want.max
            and want.charge <= room
        )

    while slots > 0:
        candidates = [want for want in wanted if startable(want)]
        if not candidates:
            return
        neediest = min(candidates, key=lambda want: supply[want.pool] / want.warm)
        yield Start(neediest.pool)
        supply[neediest.pool] += 1
        count[neediest.pool] += 1
        room -= neediest.charge
        slots -= 1
