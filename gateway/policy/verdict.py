"""What becomes of a message that a policy has judged. A plain value."""

from __future__ import annotations

from typing import NamedTuple

Message = bytes | str
"""A websocket's message: binary or text (RFC 6455 section 5.6)."""


class Verdict(NamedTuple):
    """What one message leads to, whichever side it came from: messages to either side, in this order.

    A message that may pass is among them, encoded anew. One that is refused is answered as the client's
    protocol expects, so that its page goes on working; `refused` then says in a few words what was wrong.
    """

    to_instance: tuple[Message, ...] = ()
    to_visitor: tuple[Message, ...] = ()
    refused: str = ""
    active: bool = True
    """Whether it was a visitor's doing, and not a page's sign of life."""
