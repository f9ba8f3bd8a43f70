"""An answer that a policy changes, which must be whole for that. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import SessionBusy, UpstreamInvalid

if TYPE_CHECKING:
    from collections.abc import Callable


class Holding:
    """How many bytes of answers one session holds back, all together: at most `most`.

    One whose visitor takes no bytes counts too. Else a reader could ask for a large notebook as often as
    there may be connections, and read none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.size = 0
        """So many are held back now."""

    def take(self, size: int) -> None:
        """Count so many more. Raises SessionBusy."""
        if self.size + size > self._most:
            raise SessionBusy(f"more than {self._most} bytes of answers held back")
        self.size += size

    def give(self, size: int) -> None:
        """Count so many less."""
        self.size -= size


class Reworking:
    """Holds a body back until it is whole, and sends what `rework` makes of it. Its bytes count until `over`.

    `feed` raises SessionBusy, `end` UpstreamInvalid for a body that cannot be reworked.
    """

    def __init__(self, rework: Callable[[bytes], bytes], holding: Holding) -> None:
        self._rework = rework
        self._holding = holding
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """See Rewriting."""
        self._holding.take(len(data))
        self._size += len(data)
        self._held.append(data)
        return b""

    def end(self) -> bytes:
        """See Rewriting."""
        whole = b"".join(self._held)
        self._held.clear()
        try:
            return self._rework(whole)
        except ValueError as error:
            raise UpstreamInvalid("an answer that cannot be read, and must be changed") from error

    def over(self) -> None:
        """Count no longer: the answer has been taken, or nobody will take it."""
        self._holding.give(self._size)
        self._size = 0
