"""Answers a visitor's request with a kept asset."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from gateway.assets import conditions
from gateway.proxy import framing
from gateway.proxy.answer import Head

if TYPE_CHECKING:
    from config.errors import WarmgateError
    from gateway.assets.asset import Asset
    from gateway.proxy.answer_rules import AnswerRules
    from gateway.proxy.handling import Visiting
    from gateway.proxy.request import RequestHead

PIECE = 256 * 1024
"""Bytes written before it is looked whether the visitor takes them."""


class Serving:
    """Implements Handling. `age` is the asset's, in seconds."""

    __slots__ = ("_at", "_body", "_head", "_keep", "_visitor")

    def __init__(
        self, visitor: Visiting, request: RequestHead, asset: Asset, rules: AnswerRules, age: float
    ) -> None:
        self._visitor = visitor
        self._at = 0
        self._body = b""
        self._keep = request.section.keep_alive
        head, told = asset.head, framing.connection(request.version, keep=self._keep)
        if conditions.has_it(request.section.named, head.named):
            head = conditions.not_modified(head)
        else:
            told = framing.of_length(len(asset.body)) + told
            if request.method != "HEAD":
                self._body = asset.body
        self._head = _written(head, request, rules, told, age)

    @property
    def length(self) -> int:
        """Bytes of the body that is sent."""
        return len(self._body)

    def start(self) -> None:
        """See Handling, here and below."""
        self._go_on()

    def visitor_ready(self) -> None:
        """Write the next pieces."""
        self._go_on()

    def visitor_full(self) -> None:
        """Do nothing: that is looked at before each piece."""

    def piece(self, data: bytes) -> None:
        """Do nothing: only requests without a body are answered so."""

    def whole(self) -> None:
        """Do nothing, for the same reason."""

    def broken(self, error: WarmgateError) -> None:
        """Do nothing, for the same reason."""

    def stop(self) -> None:
        """Do nothing: what is left of the body is sent, or dropped after a grace."""

    def gone(self) -> None:
        """Let go of the body."""
        self._body = b""

    def _go_on(self) -> None:
        visitor = self._visitor
        while not visitor.full:
            piece = self._body[self._at : self._at + PIECE]
            self._at += len(piece)
            if not piece and not self._head:
                # Only now, so that whoever takes no answers cannot have them pile up here.
                visitor.answered(keep=self._keep)
                return
            head, self._head = self._head, b""
            visitor.write(head + piece)


def _written(head: Head, request: RequestHead, rules: AnswerRules, told: bytes, age: float) -> bytes:
    aged = Head(head.version, head.status, head.reason, (*head.fields, (b"Age", b"%d" % age)))
    origin = request.section.named.get(b"origin")
    return rules.head(
        aged,
        origin=origin[0].decode("latin-1") if origin else None,
        host=b"",  # only redirects depend on it
        date=lambda: formatdate(time.time() - age, usegmt=True).encode("ascii"),
        framing=told,
    )
