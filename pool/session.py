"""One visitor's hold on one instance."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.core.states import Reason
    from pool.kinds.kind import Kind
    from pool.kinds.published import Published
    from pool.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Ended:
    """What is remembered of a session that is over. `pool` is empty when an earlier run ended it."""

    reason: Reason
    pool: str = ""


TOUCH_EVERY = 1.0
"""Seconds within which use is noted once: it happens with every piece that is relayed."""


class Touch:
    """Notes the use of one instance, now and then."""

    __slots__ = ("_clock", "_last", "_note")

    def __init__(self, note: Callable[[str, float], None], clock: Callable[[], float]) -> None:
        self._note = note
        self._clock = clock
        self._last = -math.inf

    def __call__(self, instance_id: str) -> None:
        """Note it, unless that was done a moment ago."""
        now = self._clock()
        if now - self._last >= TOUCH_EVERY:
            self._last = now
            self._note(instance_id, now)


@dataclass(frozen=True, slots=True)
class Session:
    """Lives from assignment to the end of its instance. `id` is secret: logs name the instance instead."""

    id: str = field(repr=False)
    instance_id: str
    pool: str
    kind: Kind = field(repr=False)
    upstream: Upstream = field(repr=False)
    entry: str
    """Where the visitor lands, relative to the session's path."""
    ends_at: float
    """Monotonic seconds when `max_age` is over."""
    idle_timeout: float
    judged: bool
    """Whether the visitor may only use what is published; see `mode` of a pool."""
    published: Published | None = field(repr=False)
    """What that is; None where nothing is, or nobody knows any more."""
    _touch: Callable[[str], None] = field(repr=False)
    _claim: Callable[[str], None] = field(repr=False)

    @property
    def strips_prefix(self) -> bool:
        """True when the relay takes the session's prefix off."""
        return self.upstream.base_path != self.upstream.public_path

    def claim(self) -> None:
        """Note that the visitor has come."""
        self._claim(self.instance_id)

    def touch(self) -> None:
        """Note real use by the visitor."""
        self._touch(self.instance_id)

    @property
    def is_heartbeat(self) -> Callable[[bytes], bool] | None:
        """Says of a short websocket message whether the page sent it by itself; None where pages do not."""
        return self.kind.is_heartbeat

    def is_activity(self, method: str, path: str) -> bool:
        """Return whether a request is the visitor's doing."""
        return self.kind.is_activity(method, path)

    def page_script(self, path: str) -> bytes:
        """Return what is put into the head of the page at this path, or nothing."""
        return self.kind.page_script(path)

    def hides_secret(self, path: str, status: int) -> bool:
        """Return whether an HTML answer at this path may show the token."""
        return self.kind.hides_secret(path, status)
