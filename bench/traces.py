"""When visitors come: made-up days as pure functions of a seed, and days read from a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass(frozen=True, slots=True)
class Trace:
    """Arrivals of visitors, in seconds from the trace's begin, ascending."""

    name: str
    arrivals: tuple[float, ...]
    seconds: float
    """How long the trace lasts."""
    stay: float
    """Seconds a visitor usually keeps the instance; the median of a log-normal distribution."""
    measured_from: float = 0.0
    """What happens before is lived through and not counted."""
    rate: Callable[[float], float] | None = None
    """Visitors a second at any second, where that is all there is to know."""

    @property
    def days(self) -> float:
        """How many days are measured."""
        return (self.seconds - self.measured_from) / DAY


def poisson(rate: Callable[[float], float], highest: float, seconds: float, rng: Random) -> Iterator[float]:
    """Yield arrivals at `rate(second)` a second, never above `highest`: a thinned Poisson process."""
    now = rng.expovariate(highest)
    while now < seconds:
        if rng.random() * highest < rate(now):
            yield now
        now += rng.expovariate(highest)


def day_and_night(least: float, most: float) -> Callable[[float], float]:
    """Return a rate that swings from `least` a second at four in the morning to `most` twelve hours later."""

    def rate(second: float) -> float:
        swing = (1 - math.cos(2 * math.pi * (second - 4 * HOUR) / DAY)) / 2
        return least + (most - least) * swing

    return rate


def steady(seed: int) -> Trace:
    """Two days of a site people use by day and, less, by night: about 3,400 visitors a day."""
    rate = day_and_night(0.004, 0.075)
    arrivals = tuple(poisson(rate, 0.075, 2 * DAY, Random(f"steady {seed}")))
    return Trace("steady site", arrivals, 2 * DAY, 8 * MINUTE, rate=rate)


LECTURES = ((10.25 * HOUR, 60), (14.25 * HOUR, 30))
"""Second of the day and how many are in the hall."""


def _lecture_days(seed: int, days: int) -> Iterator[float]:
    rng = Random(f"lecture {seed}")
    yield from poisson(day_and_night(0.0005, 0.008), 0.008, days * DAY, rng)
    for day in range(days):
        for begins, seats in LECTURES:
            # The teacher says "now open the notebook": most click at once, some look for it first.
            said = day * DAY + begins + rng.gauss(0, 2 * MINUTE)
            for _ in range(round(seats * rng.uniform(0.8, 1.1))):
                yield said + rng.gammavariate(2.0, 20.0)


def lecture_first(seed: int) -> Trace:
    """One day of a quiet site with two lectures nobody has announced: 60 and 30 people within two minutes."""
    return Trace("lecture hall, first day", tuple(sorted(_lecture_days(seed, 1))), DAY, 45 * MINUTE)


def lecture_later(seed: int) -> Trace:
    """The same lectures on the four days after the first, a few minutes early or late."""
    arrivals = tuple(sorted(_lecture_days(seed, 5)))
    return Trace("lecture hall, later days", arrivals, 5 * DAY, 45 * MINUTE, measured_from=DAY)


def front_page(seed: int) -> Trace:
    """A quiet day until a link is shared at eleven: from 1 visitor a minute to 17 in a quarter of an hour,
    and less again over the next hours.
    """
    quiet, peak, shared = day_and_night(0.002, 0.015), 0.32, 11 * HOUR

    def rate(second: float) -> float:
        since = second - shared
        if since < 0:
            return quiet(second)
        return quiet(second) + peak * min(1.0, since / (15 * MINUTE)) * math.exp(-since / (2 * HOUR))

    arrivals = tuple(poisson(rate, peak + 0.015, DAY, Random(f"front page {seed}")))
    return Trace("front page", arrivals, DAY, 3 * MINUTE, rate=rate)


TRACES = (steady, lecture_first, lecture_later, front_page)


def read(path: Path, stay: float) -> Trace:
    """Read arrivals from a file: one a line, in seconds from any begin. Raises ValueError, OSError."""
    lines = (line.partition("#")[0].strip() for line in path.read_text().splitlines())
    arrivals = sorted(float(line) for line in lines if line)
    if not arrivals or not all(map(math.isfinite, arrivals)):
        raise ValueError(f"{path} holds no arrivals, or one that is no moment")
    begin = arrivals[0]
    return Trace(path.stem, tuple(at - begin for at in arrivals), arrivals[-1] - begin + HOUR, stay)
