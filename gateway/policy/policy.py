"""The port that the rules of each kind's requests implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from gateway.policy.ruling import Ruling


class Wish(NamedTuple):
    """A request, as far as a policy looks. `path` and `query` are as they were written, in ASCII: `path`
    relative to the server's base, without a leading slash; `query` without its `?`.

    The relay has refused already what would name something in two ways: dot segments, `//`, encoded slashes.
    """

    method: str
    path: str
    query: str = ""
    websocket: bool = False
    """Whether it asks for a websocket, in the one form the relay would grant."""
    body: bool = False
    """Whether it has a body. A request that passes has none."""


class Policy(Protocol):
    """The rules of one session."""

    def judge(self, wish: Wish) -> Ruling:
        """Return what becomes of a request."""
        ...
