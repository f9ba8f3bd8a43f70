"""What changes a page on its way to the visitor, whoever does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gateway.errors import UpstreamInvalid
from gateway.proxy import fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.proxy.fields import Named


class Rewriting(Protocol):
    """Takes a body as it comes, in pieces of any size."""

    def feed(self, data: bytes) -> bytes:
        """Return what can be sent on by now."""
        ...

    def end(self) -> bytes:
        """Return what was held back: the body is over."""
        ...


def for_answer(rework: Callable[[bytes], bytes], most: int, named: Named) -> Reworking:
    """Return what reworks an answer with these fields. Raises UpstreamInvalid for one in a coding."""
    if fields.is_coded(named):
        raise UpstreamInvalid("a coded answer where a plain one was asked for")
    return Reworking(rework, most)


class Chain:
    """One after the other."""

    def __init__(self, first: Rewriting, then: Rewriting) -> None:
        self._first = first
        self._then = then

    def feed(self, data: bytes) -> bytes:
        """See Rewriting."""
        return self._then.feed(self._first.feed(data))

    def end(self) -> bytes:
        """See Rewriting."""
        return self._then.feed(self._first.end()) + self._then.end()


class Reworking:
    """Holds a body of at most `most` bytes back until it is whole, and sends what `rework` makes of it.

    Both methods raise UpstreamInvalid: for a body that is too long, and for one that cannot be reworked.
    """

    def __init__(self, rework: Callable[[bytes], bytes], most: int) -> None:
        self._rework = rework
        self._most = most
        self._held: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """See Rewriting."""
        self._held.append(data)
        self._size += len(data)
        if self._size > self._most:
            raise UpstreamInvalid(f"more than {self._most} bytes to be changed")
        return b""

    def end(self) -> bytes:
        """See Rewriting."""
        try:
            return self._rework(b"".join(self._held))
        except ValueError as error:
            raise UpstreamInvalid("an answer that cannot be read, and must be changed") from error
