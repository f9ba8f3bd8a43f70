"""What changes a page on its way to the visitor, whoever does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gateway.proxy import insertion, scrub

if TYPE_CHECKING:
    from gateway.proxy.answer import Head


class Rewriting(Protocol):
    """Takes a body as it comes, in pieces of any size. Both methods raise UpstreamInvalid, or SessionBusy."""

    def feed(self, data: bytes) -> bytes:
        """Return what can be sent on by now."""
        ...

    def end(self) -> bytes:
        """Return what was held back: the body is over."""
        ...


def of_page(secret: bytes, script: bytes, head: Head) -> Rewriting | None:
    """Return what takes `secret` out of a page and puts `script` into it; None where neither is to be done.

    Raises UpstreamInvalid for a page that would hide the secret.
    """
    scrubbed = scrub.for_answer(secret, head.named)
    inserted = insertion.for_answer(script, head.status, head.named)
    if scrubbed is not None and inserted is not None:
        return Chain(scrubbed, inserted)
    return scrubbed or inserted


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
