"""How fast one session's pages may speak, all together. Pure, but for what it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGES = 200.0
"""Messages a second, for long; a slider that is dragged sends one for each picture the screen shows."""

MESSAGES_AT_ONCE = 2000.0
"""Messages at once: "Run all", and what a page with many widgets says when it opens."""

BYTES = 4.0 * 2**20
"""Bytes a second, for long, of what takes our time to read."""

BYTES_AT_ONCE = 16.0 * 2**20
"""The same at once: a file that is given to a widget comes in one message."""

LEAST = 4.0 * 2**10
"""Bytes that a message counts for at least: reading and answering the shortest takes time too."""


class Pace:
    """Lets `at_once` through, and then `rate` a second. `clock` is seconds that never go back."""

    def __init__(self, rate: float, at_once: float, *, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._at_once = at_once
        self._clock = clock
        self._left = at_once
        self._then = clock()

    def allows(self, amount: float) -> bool:
        """Return whether so much may pass now, and count it if so."""
        now = self._clock()
        self._left = min(self._at_once, self._left + (now - self._then) * self._rate)
        self._then = now
        if amount > self._left:
            return False
        self._left -= amount
        return True

    def count(self, amount: float) -> None:
        """Count what has passed already. Where it is more than was left, nothing passes for a while."""
        self._left -= amount


class Paces:
    """All that is counted of what a session's pages say, over all its websockets: else many of them could do
    what one may not.

    `part` is what each value in a message counts for, in bytes beside its own: a value of one byte takes as
    long to read as many bytes of a text.
    """

    def __init__(self, *, part: float, clock: Callable[[], float]) -> None:
        self._part = part
        self._messages = Pace(MESSAGES, MESSAGES_AT_ONCE, clock=clock)
        self._bytes = Pace(BYTES, BYTES_AT_ONCE, clock=clock)

    def allows_bytes(self, size: int) -> bool:
        """Return whether a message of so many bytes may be read now, and count them if so."""
        return self._bytes.allows(max(size, LEAST))

    def allows_parts(self, parts: int) -> bool:
        """Return whether a message of so many values may be read now, and count them if so."""
        return self._bytes.allows(self._part * parts)

    def count_parts(self, parts: int) -> None:
        """Count the values of a message that was read, where only reading it told how many there are."""
        self._bytes.count(self._part * parts)

    def allows_message(self) -> bool:
        """Return whether one more message may be judged now, and count it if so."""
        return self._messages.allows(1)
