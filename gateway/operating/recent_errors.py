"""The last warnings and errors of the log, for the operator's page. Pure: the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.logs import Line

KEPT = 50
"""How many different errors are remembered."""

LONGEST_DETAIL = 400
"""Characters of a detail that are kept; the log has the rest."""


@dataclass(frozen=True, slots=True)
class RecentError:
    """One error and how often it came. `at` is seconds of the clock passed in, at its last time."""

    at: float
    times: int
    level: str
    event: str
    code: str | None
    detail: str
    pool: str | None
    instance: str | None


class RecentErrors:
    """Remembers errors. The same one again is counted, so that a flood of it does not push out the others."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[tuple[str | None, ...], RecentError] = {}

    def note(self, line: Line) -> None:
        """Remember a line of the log."""
        detail = line.detail[:LONGEST_DETAIL]
        same = (line.level, line.event, line.code, detail, line.pool)
        # Taken out and put back, so that the order is that of the last time.
        before = self._kept.pop(same, None)
        self._kept[same] = RecentError(
            at=self._clock(),
            times=1 if before is None else before.times + 1,
            level=line.level,
            event=line.event,
            code=line.code,
            detail=detail,
            pool=line.pool,
            instance=line.instance,
        )
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]

    def newest_first(self) -> tuple[RecentError, ...]:
        """Return what is remembered."""
        return tuple(reversed(self._kept.values()))
