"""How many instances a pool holds ready: a pure function of who came lately, and of who came a day ago.

The README says why it is these three parts and where the numbers come from.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pool.core.arrivals import STEP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pool.core.arrivals import Arrivals

SHARE = 0.98
"""The share of visitors the usual stock is for. Instances being whole, it serves more: about 99 in 100."""
WINDOW = 600.0
"""Seconds over which visitors are counted for the usual stock."""
REACTION = 2.0
"""Seconds from a visitor to the start that replaces their instance: their page has the processor first."""
CROWD = 3.0
"""As few instances missing at once are never a panic."""
ROUNDS = 1.5
"""Nor are as many as can be started at once, times this."""
CALM = 300.0
"""Seconds a panic lasts after the last moment that was one."""
LOOK_BACK = 900.0
"""Seconds back to which a panic that lasts is seen; what it asked for before is given up."""
DAY = 86400.0
AROUND = 600.0
"""Seconds before and after the time of day of a panic in which the next day expects it."""
QUIET = WINDOW + STEP
"""Seconds without a visitor after which the target is the floor, unless a panic is expected."""
_TINY = 1e-290
"""A probability below this has lost its digits."""


class Panic(NamedTuple):
    """Visitors came faster than instances could follow."""

    began: float
    """Monotonic seconds."""
    hold: int
    """How many to hold ready until it is over."""


def target(arrivals: Arrivals, now: float, *, floor: int, ceiling: int, starts_at_once: int) -> int:
    """Return how many instances to hold ready now: at least `floor`, but never above `ceiling`.

    `floor` too before anybody has come. `starts_at_once` is 1 or more.
    """
    panic = _panic(arrivals, now, starts_at_once)
    wanted = max(
        _usual(arrivals, now if panic is None else panic.began, now, ceiling),
        0 if panic is None else panic.hold,
        _expected(arrivals, now, starts_at_once, ceiling),
        floor,
    )
    return min(wanted, ceiling)


def panicking(arrivals: Arrivals, now: float, starts_at_once: int) -> bool:
    """Return whether visitors come, or came a moment ago, faster than instances can follow.

    No start should be held back then for the sake of a page that is loading.
    """
    return _panic(arrivals, now, starts_at_once) is not None


def _usual(arrivals: Arrivals, since: float, now: float, limit: int) -> int:
    """Return how many visitors may come before the first of them is made up for.

    Counted are those of the window before `since` and all after it, so that nothing is given up in a panic.
    """
    count = arrivals.count(since - WINDOW, now)
    return _enough(count, (REACTION + arrivals.start_seconds) / WINDOW, limit) if count else 0


def _enough(count: int, part: float, limit: int) -> int:
    """Return how many to hold so that SHARE of the visitors find one, after `count` came in a window.

    `part` is what share of a window it takes to replace an instance. How many come in that time is a Poisson
    number of a rate that only the count tells of: a negative binomial one. `limit` bounds the answer.
    """
    successes, chance = count + 0.5, part / (1 + part)
    probability = (1 - chance) ** successes
    if probability < _TINY:
        return limit
    # A visitor finds an instance where fewer than are held have come just before.
    total, others = probability, 0
    while total < SHARE and others < limit:
        probability *= chance * (successes + others) / (others + 1)
        others += 1
        total += probability
    return others + 1


def _panic(arrivals: Arrivals, now: float, starts_at_once: int) -> Panic | None:
    """Return the panic that is on, if any.

    The crowd may be only half through, so as many again are held as are missing beyond what is no panic.
    """
    began = last = -math.inf
    peak = 0.0
    alarm = _alarm(starts_at_once)
    for moment, missing, _ in _crowds(arrivals, now - LOOK_BACK, now, starts_at_once):
        if missing <= alarm:
            continue
        if moment - last > CALM:
            began, peak = moment, 0.0
        last = moment
        peak = max(peak, missing)
    if now - last > CALM:
        return None
    return Panic(began, math.ceil(2 * peak - alarm))


def _expected(arrivals: Arrivals, now: float, starts_at_once: int, limit: int) -> int:
    """Return how many to hold for the sake of a crowd at this time yesterday: as many as came in it.

    What is missing at the worst is a small difference of large numbers: the same people a little faster make
    it many times larger, so it tells little of the next day. `limit` bounds the search.
    """
    most, yesterday = 0, now - DAY
    for _, _, came in _crowds(arrivals, yesterday - AROUND, yesterday + AROUND, starts_at_once):
        most = max(most, came)
        if most >= limit:
            break
    return most


def _alarm(starts_at_once: int) -> float:
    """Return how many instances may be missing at once without a panic."""
    return max(CROWD, ROUNDS * starts_at_once)


def _crowds(
    arrivals: Arrivals, begin: float, end: float, starts_at_once: int
) -> Iterator[tuple[float, float, int]]:
    """Yield the moments of crowds from `begin` to `end`, how many were missing, and how many had come.

    Visitors fill a bucket, starts drain it. It is about visitors alone: what the pool really started plays no
    part, so that a pool cannot be driven by its own starts. A crowd lasts while the bucket is not empty, and
    is one once more have come than may be missing without a panic.
    """
    alarm = _alarm(starts_at_once)
    if arrivals.count(begin, end) <= alarm:
        return
    drain = STEP * starts_at_once / arrivals.start_seconds
    slots, totals = arrivals.history(begin, end)
    missing, came, before, counted = 0.0, 0, slots[0], totals[0]
    # The one loop that may be long: nothing is called in it.
    for slot, total in zip(slots, totals[1:], strict=True):
        missing -= drain * (slot - before)
        if missing <= 0.0:
            missing, came = 0.0, 0
        missing += total - counted
        came += total - counted
        before, counted = slot, total
        if came > alarm:
            yield slot * STEP, missing, came
