"""Tells the log of requests that were answered with an error: each with its code, and none in floods."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import structlog
from cachetools import TTLCache

from gateway.errors import BadRequest, SessionsLimited, SpawnsLimited, TicketsFull

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.errors import WarmgateError

log = structlog.stdlib.get_logger(__name__)

QUIET = 10.0
"""Seconds after a line in which the same code, of the same instance, is only counted."""

TOLD_AT_ONCE = 1024
"""Lines remembered for that."""

LIMITED = (SpawnsLimited, SessionsLimited, TicketsFull)
"""Not our fault, but the operator may have set the limit too low."""

FAULT = 500
"""Statuses from here on are our fault or the instance's, but for those of a request nobody can understand."""


class Incidents:
    """One for both doors. `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._told: TTLCache[tuple[str, str], None] = TTLCache(TOLD_AT_ONCE, QUIET, timer=clock)
        self._left_out: dict[str, int] = {}

    def note(self, error: WarmgateError, instance: str = "") -> None:
        """Tell of an answer made from this error. `instance` is a short id, empty for nobody's."""
        level = _level(error)
        if level > logging.DEBUG and self._is_repeated(error.code, instance):
            return
        where = {"instance": instance} if instance else {}
        left_out = self._left_out.pop(error.code, 0) if level > logging.DEBUG else 0
        more = {"left_out": left_out} if left_out else {}
        log.log(level, "request_failed", code=error.code, detail=error.detail, **where, **more)

    def _is_repeated(self, code: str, instance: str) -> bool:
        if (code, instance) in self._told:
            self._left_out[code] = self._left_out.get(code, 0) + 1
            return True
        self._told[code, instance] = None
        return False


def _level(error: WarmgateError) -> int:
    if isinstance(error, LIMITED):
        return logging.INFO
    if error.status >= FAULT and not isinstance(error, BadRequest):
        return logging.WARNING
    return logging.DEBUG
