"""The port that the rules of each kind's websocket implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gateway.policy.verdict import Message, Verdict


class Conversation(Protocol):
    """Judges the messages of one websocket, in the order they come. Holds what it has learned of them.

    Every message is judged alone and at once. Neither method raises: what cannot be read is refused.
    """

    def from_visitor(self, message: Message) -> Verdict:
        """Return what becomes of a message of the page."""
        ...

    def from_instance(self, message: Message) -> Verdict:
        """Return what becomes of a message of the server."""
        ...
