"""Which requests of a Pluto page pass in view mode. Pure.

Everything is refused that is not listed: in Pluto a GET may open, upload, move or shut down a notebook
(src/webserver/Router.jl), so the method says nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from gateway.policy.pace import Pace, Paces
from gateway.policy.pluto.bodies import Allowed
from gateway.policy.pluto.calm import CALM
from gateway.policy.pluto.conversation import (
    PART,
    RESETS_AT_ONCE,
    RESETS_PER_SECOND,
    PlutoConversation,
)
from gateway.policy.ruling import Answered, Passed, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.policy import Wish
    from gateway.policy.ruling import Ruling
    from pool.kinds.published import Published

READING = frozenset({"GET", "HEAD"})

SOCKETS = frozenset({"", "channels"})
"""Pluto opens a websocket at any path; its pages use these (frontend/common/PlutoConnection.js)."""

PAGE = "edit"
OF_NOTEBOOK = frozenset({"notebookfile", "notebookexport"})
"""What is told of the notebook that a reader sees anyway. Not `statefile`: no page asks for it."""

SIGNS_OF_LIFE = frozenset({"ping", "auth-check"})
TOKEN = "possible_binder_token_please"  # noqa: S105 - an address
"""Answered here: Pluto would give out whatever `token` somebody sent it first."""

PART_OF_PAGE = re.compile(
    r"(?!sample/)(?:[A-Za-z0-9_@-][A-Za-z0-9_.@-]*/)*[A-Za-z0-9_@-][A-Za-z0-9_.@-]*"
    r"\.(?:js|css|map|json|ico|png|gif|svg|woff2?|ttf|eot|otf)"
)
"""Files that Pluto serves to anybody (src/webserver/Authentication.jl). Below `sample/` are notebooks that a
GET opens."""

MOST_FIELDS = 512


class PlutoPolicy:
    """Implements Policy."""

    def __init__(self, published: Published, *, clock: Callable[[], float]) -> None:
        self._published = published
        self._cells = frozenset(published.cells)
        self._bindable = frozenset(published.bindable)
        self._allowed = Allowed(self._cells, published.bonds)
        self._paces = Paces(part=PART, clock=clock)
        self._resets = Pace(RESETS_PER_SECOND, RESETS_AT_ONCE, clock=clock)

    def judge(self, wish: Wish) -> Ruling:
        """See Policy."""
        if wish.method not in READING or wish.body:
            return Refused("a request that changes something")
        return self._socket(wish) if wish.websocket else self._page(wish)

    def _socket(self, wish: Wish) -> Ruling:
        if wish.path in SOCKETS and not wish.query:
            return Passed(converse=self._converse)
        return Refused("a websocket at an unknown address")

    def _page(self, wish: Wish) -> Ruling:
        path, query = wish.path, wish.query
        if path == PAGE:
            return Passed(script=CALM) if self._is_page(query) else Refused("an unknown query")
        if query != (f"id={self._published.notebook}" if path in OF_NOTEBOOK else ""):
            return Refused("an unknown query")
        if path == TOKEN:
            return Answered(200)
        known = path in OF_NOTEBOOK or path in SIGNS_OF_LIFE or PART_OF_PAGE.fullmatch(path) is not None
        return Passed() if known else Refused("an unknown address")

    def _is_page(self, query: str) -> bool:
        """Return whether a query asks for the notebook, whole or only what some of its cells show.

        Others could have the page show another notebook, or speak to another server.
        """
        try:
            asked = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return False
        notebooks = [value for name, value in asked if name == "id"]
        others = [(name, value) for name, value in asked if name != "id"]
        return notebooks == [self._published.notebook] and all(
            name == "isolated_cell_id" and value in self._cells for name, value in others
        )

    def _converse(self, subprotocol: str) -> PlutoConversation:  # noqa: ARG002 - Pluto knows none
        return PlutoConversation(
            self._published.notebook,
            self._allowed,
            self._bindable,
            paces=self._paces,
            resets=self._resets,
        )
