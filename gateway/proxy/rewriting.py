"""What changes a page on its way to the visitor, whoever does it."""

from __future__ import annotations

from typing import Protocol


class Rewriting(Protocol):
    """Takes a body as it comes, in pieces of any size."""

    def feed(self, data: bytes) -> bytes:
        """Return what can be sent on by now."""
        ...

    def end(self) -> bytes:
        """Return what was held back: the body is over."""
        ...
