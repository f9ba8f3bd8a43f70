"""Websockets on which a page has nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.policy.verdict import Verdict

if TYPE_CHECKING:
    from gateway.policy.verdict import Message


class Listening:
    """The server only tells: `api/events/subscribe`, JSON (jupyter_server, services/events)."""

    def from_visitor(self, message: Message) -> Verdict:  # noqa: ARG002 - the port's
        """Refuse whatever the page says."""
        return Verdict(refused="this websocket only tells", active=False)

    def from_instance(self, message: Message) -> Verdict:
        """Pass what the server tells."""
        return Verdict(to_visitor=(message,), active=False)


class Deaf:
    """A kernel's websocket in a format nobody here knows: nothing passes."""

    def from_visitor(self, message: Message) -> Verdict:  # noqa: ARG002 - the port's
        """Refuse whatever the page says."""
        return Verdict(refused="an unknown subprotocol", active=False)

    def from_instance(self, message: Message) -> Verdict:  # noqa: ARG002 - the port's
        """Pass nothing."""
        return Verdict(active=False)
