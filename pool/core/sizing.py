"""How many instances a pool holds ready: a pure function of who came lately, and of who came a day ago.

The README says why it is these three parts and where the numbers come from.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pool.core.arrivals import Arrivals

SHARE = 0.98
"""The share of visitors the usual stock is for. Instances being whole, it serves more: about 99 in 100."""
WINDOW = 600.0
"""Seconds over which visitors are counted for the usual stock."""
REACTION = 2.0
"""Seconds from a visitor to the start that replaces their instance: their page has the processor first."""
CROWD = 3.0
ROUNDS = 1.5
"""It is a panic when more visitors than CROWD, and than ROUNDS times the starts at once, wait to be made
up for.
"""
CALM = 300.0
"""Seconds a panic lasts after the last moment that was one."""
LOOK_BACK = 900.0
"""Seconds a panic is remembered while it lasts."""
AMPLE = 2.0
"""A panic has seen half of it at most: hold twice what has been missing."""
DAY = 86400.0
AROUND = 600.0
"""Seconds before and after the time of day of a panic in which the next day expects it."""
QUIET = WINDOW + CALM
"""Seconds without a visitor after which the target is the floor, unless a panic is expected: a margin is
included.
"""
_TINY = 1e-290
"""A probability below this has lost its digits."""


class Panic(NamedTuple):
    """Visitors came faster than instances could follow. Moments are monotonic seconds."""

    began: float
    last: float
    peak: float
    """The most instances that were missing at once."""


def target(arrivals: Arrivals, now: float, *, floor: int, ceiling: int, starts_at_once: int) -> int:
    """Return how many instances to hold ready now: at least `floor`, but never above `ceiling`.

    `floor` too before anybody has come. `starts_at_once` is 1 or more.
    """
    panic = _panic(arrivals, now, starts_at_once)
    wanted = max(
        _usual(arrivals, now if panic is None else panic.began, now, ceiling),
        0 if panic is None else math.ceil(AMPLE * panic.peak),
        _expected(arrivals, now, starts_at_once),
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

    `part` is what share of a window an instance takes to be replaced. How many come in it is a Poisson
    number whose rate is only known from the count: a negative binomial one. `limit` bounds the answer.
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
    """Return the panic that is on, if any."""
    begin = now - LOOK_BACK
    alarm = max(CROWD, ROUNDS * starts_at_once)
    if arrivals.count(begin, now) <= alarm:
        return None
    panic = None
    for moment, missing in _missing(arrivals.between(begin, now), starts_at_once / arrivals.start_seconds):
        if missing <= alarm:
            continue
        if panic is None or moment - panic.last > CALM:
            panic = Panic(moment, moment, missing)
        else:
            panic = Panic(panic.began, moment, max(panic.peak, missing))
    return panic if panic is not None and now - panic.last <= CALM else None


def _expected(arrivals: Arrivals, now: float, starts_at_once: int) -> int:
    """Return how many to hold for the sake of a panic at this time yesterday."""
    begin, end = now - DAY - AROUND, now - DAY + AROUND
    alarm = max(CROWD, ROUNDS * starts_at_once)
    if arrivals.count(begin, end) <= alarm:
        return 0
    rate = starts_at_once / arrivals.start_seconds
    peak = max(missing for _, missing in _missing(arrivals.between(begin, end), rate))
    return math.ceil(AMPLE * peak) if peak > alarm else 0


def _missing(visitors: Iterable[tuple[float, int]], rate: float) -> Iterable[tuple[float, float]]:
    """Yield how many instances are missing after each arrival, if starts make `rate` a second.

    Visitors fill a bucket, starts drain it. It is about visitors alone: what the pool really started plays
    no part, so that a pool cannot be driven by its own starts.
    """
    missing, before = 0.0, 0.0
    for moment, count in visitors:
        missing = max(0.0, missing - rate * (moment - before)) + count
        before = moment
        yield moment, missing
