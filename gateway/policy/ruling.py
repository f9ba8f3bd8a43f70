"""What becomes of a request that a policy has judged. Plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.conversation import Conversation


class Passed(NamedTuple):
    """The request goes to the instance, without a body."""

    rework: Callable[[bytes], bytes] | None = None
    """Makes the visitor's body out of the whole body of a good answer. May raise ValueError: then the visitor
    gets none."""
    converse: Callable[[str], Conversation] | None = None
    """Judges the messages of the websocket the request asks for; given the subprotocol that was agreed on, or
    an empty text."""
    script: bytes = b""
    """Put into the page's head, before any of its own scripts."""


class Answered(NamedTuple):
    """The request is answered here, though the instance knows nothing of it."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


class Refused(NamedTuple):
    """The request is answered with an error."""

    why: str
    """A few words for the log; nothing of the visitor's."""


Ruling = Passed | Answered | Refused
