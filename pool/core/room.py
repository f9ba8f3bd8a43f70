"""Which idle instances make room for visitors, and for pools that need it more."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from pool.core.states import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pool.core.draft import Draft
    from pool.core.instance import Instance
    from pool.core.observed import Wanted


def make_room(draft: Draft, slots: int) -> None:
    """Decide which ready instances are given up. `slots` is how many starts may begin now.

    First for those who wait, then for the next visitor, last for pools whose share is smaller than that of
    others.
    """
    spoken_for = {i.id for want in draft.wanted for i in draft.ready(want.pool)[: want.waiting]}
    needed = 0
    for want in sorted(draft.wanted, key=lambda w: (share(draft, w), w.waiting_since)):
        for size in tuple(_needs_of_waiting(draft, want, slots)):
            if not _free(draft, needed + size - draft.room_soon, spoken_for):
                break
            needed += size
    # What is not measured yet is charged more than it will be: giving something up for that would be rash.
    if not needed and not draft.unmeasured():
        if not any(draft.preparing(want) for want in draft.wanted):
            first = {i.id for want in draft.wanted for i in draft.ready(want.pool)[:1]}
            _free(draft, cushion(draft) - draft.room_soon, first)
        if slots > 0:
            _even_out(draft, spoken_for)
    _let_go_of_stale(draft)


def cushion(draft: Draft) -> int:
    """Return the bytes by which charges grow when the next visitor comes, whatever pool they want.

    Zero while charges are limits. Kept free, so that an assignment need not wait for a removal.
    """
    grows = [want.limit - ready[0].charge for want in draft.wanted if (ready := draft.ready(want.pool))]
    return max(grows, default=0)


def growth(draft: Draft) -> int:
    """Return the bytes by which charges grow when those in line get what is ready for them."""
    return sum(
        want.limit - instance.charge
        for want in draft.wanted
        for instance in draft.ready(want.pool)[: want.waiting]
    )


def to_start(draft: Draft, want: Wanted) -> int:
    """Return the bytes that must be free for one more start of a pool nobody waits for.

    Its limit; and where charges are measured also what stays charged once it is ready, beside the room for
    the next visitor: it would have to leave again else, and be started again, for ever.
    """
    return max(want.limit, cushion(draft) + (want.measures or want.limit))


def share(draft: Draft, want: Wanted) -> float:
    """Return how much of what a pool should have it has: the least comes first, a pool that wants nothing
    last.
    """
    return draft.supply(want) / want.supply if want.supply else float("inf")


def _needs_of_waiting(draft: Draft, want: Wanted, slots: int) -> Iterator[int]:
    """Yield bytes: first what assigning ready instances to those in line adds, then the starts they need."""
    ready = draft.ready(want.pool)[: want.waiting]
    for instance in ready:
        if grows := want.limit - instance.charge:
            yield grows
    lacking = want.waiting - len(ready) - draft.preparing(want)
    if draft.may_start(want):
        places = want.max - draft.count(want.pool)
        yield from [want.limit] * min(lacking, slots, places)


def _free(draft: Draft, size: float, spared: set[str]) -> bool:
    """End ready instances of the least wanted pools until `size` bytes are coming; none if all do not
    suffice.
    """
    victims = _victims(draft, spared)
    if size > sum(victim.charge for victim in victims):
        return False
    for victim in victims:
        if size <= 0:
            break
        draft.end(victim, Reason.EVICTED)
        size -= victim.charge
    return True


def _victims(draft: Draft, spared: set[str]) -> list[Instance]:
    """Return ready instances as they are given up: old generations, then of the pool that has most."""
    victims = [i for want in draft.wanted for i in draft.stale(want.pool)]
    left = {
        want.pool: [i for i in draft.idle(want.pool) if i.id not in spared]
        for want in draft.wanted
        if not want.waiting or len(draft.ready(want.pool)) > want.waiting
    }
    targets = {want.pool: want.target for want in draft.wanted}
    while any(left.values()):
        most = max(
            (name for name, instances in left.items() if instances),
            key=lambda name: len(left[name]) / targets[name] if targets[name] else float("inf"),
        )
        victims.append(left[most].pop(0))
    return victims


def _even_out(draft: Draft, spared: set[str]) -> None:
    """Let the pool with the largest share make room for the one with the smallest, if that evens out.

    Compared is what stays when those in line have taken theirs: given away for another pool's stock, it would
    be started for them again, for ever.
    """

    def stock(want: Wanted) -> int:
        return max(0, draft.supply(want) - want.waiting)

    needy = [
        want
        for want in draft.wanted
        if want.target > draft.supply(want)
        and draft.may_start(want)
        and draft.count(want.pool) < want.max
        and to_start(draft, want) > draft.room_soon
    ]
    if not needy:
        return
    poorest = min(needy, key=lambda want: share(draft, want))
    others = [want for want in draft.wanted if want.target and want is not poorest]
    for richest in sorted(others, key=lambda want: share(draft, want), reverse=True):
        idle = [i for i in draft.idle(richest.pool) if i.id not in spared]
        given = _enough(idle, to_start(draft, poorest) - draft.room_soon)
        left = (stock(richest) - len(given)) / richest.target
        if given and left >= (stock(poorest) + 1) / poorest.target:
            for instance in given:
                draft.end(instance, Reason.EVICTED)
            return


def _enough(instances: Sequence[Instance], size: float) -> Sequence[Instance]:
    """Return the first instances that together are charged `size` bytes; none if all are not."""
    sums = accumulate(instance.charge for instance in instances)
    return next((instances[: at + 1] for at, total in enumerate(sums) if total >= size), ())


def _let_go_of_stale(draft: Draft) -> None:
    """One instance of an older generation goes where it alone keeps the new one from starting; the next not
    before that one is ready.
    """
    for want in draft.wanted:
        stale = draft.stale(want.pool)
        wanting = draft.supply(want) < want.supply and draft.may_start(want) and not draft.preparing(want)
        size = want.limit if want.waiting > draft.supply(want) else to_start(draft, want)
        full = draft.count(want.pool) >= want.max or draft.room_soon - growth(draft) < size
        if stale and wanting and full and not draft.coming:
            draft.end(stale[0], Reason.STALE)
