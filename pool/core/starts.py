"""Which instances to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.actions import Start
from pool.core.room import growth, to_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pool.core.draft import Draft
    from pool.core.observed import Wanted


def starts(draft: Draft, slots: int) -> Iterator[Start]:
    """Yield at most `slots` starts, one at a time to the pool that lacks the largest share of what it
    should have.

    What is ending is charged until it is gone: the budget is about memory, not about intentions.
    """
    # What those in line are about to get grows to its limit: a start in that room would have to leave again.
    owed = growth(draft)
    room, room_soon = draft.room - owed, draft.room_soon - owed
    count = {want.pool: draft.count(want.pool) for want in draft.wanted}
    supply = {want.pool: draft.supply(want) for want in draft.wanted}

    def needed(want: Wanted) -> bool:
        return draft.may_start(want) and supply[want.pool] < want.supply and count[want.pool] < want.max

    def size(want: Wanted) -> int:
        return want.limit if want.waiting > supply[want.pool] else to_start(draft, want)

    for _ in range(slots):
        needy = [want for want in draft.wanted if needed(want)]
        # Those in line come first: room that is too small for them now is not given to stock that fits it.
        in_line = [want for want in needy if want.waiting > supply[want.pool]]
        # And what is being freed for the neediest is not taken by the next.
        coming = [want for want in in_line or needy if size(want) <= room_soon]
        neediest = min(
            coming, key=lambda want: (supply[want.pool] / want.supply, want.waiting_since), default=None
        )
        if neediest is None or size(neediest) > room:
            return
        yield Start(neediest.pool)
        supply[neediest.pool] += 1
        count[neediest.pool] += 1
        room -= neediest.limit
        room_soon -= neediest.limit
