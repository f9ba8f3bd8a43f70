"""Turns an error of the tree into the answer a visitor gets, and tells the log of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from aiohttp import hdrs, web

from gateway import answers
from gateway.errors import BadRequest, MethodRefused, SessionEnded
from gateway.proxy import asked
from gateway.proxy.origins import METHODS
from pool.core.states import Reason
from pool.errors import PoolEmpty, PoolUnknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from config import WarmgateError
    from gateway.incidents import Incidents
    from gateway.proxy.asked import Asked
    from gateway.proxy.origins import Origins

MENDABLE = frozenset({404, 410, 429, 502, 503})
"""Statuses after which a new notebook may help."""

INSTANCE = asked.INSTANCE
"""The short id of the instance a request goes to; for the log."""

Answer = TypeVar("Answer", bound=web.StreamResponse)


class Explainer:
    """`prefix` begins the paths of a page's own parts, `main` the addresses of where one may go on.

    `pools` returns the names a new notebook can be asked for by, `open_to_all` whether a page may ask.
    """

    def __init__(
        self,
        *,
        prefix: str,
        main: str,
        origins: Origins,
        incidents: Incidents,
        pools: Callable[[], Collection[str]],
        open_to_all: Callable[[], bool],
    ) -> None:
        self._prefix = prefix
        self._main = main
        self._origins = origins
        self._incidents = incidents
        self._pools = pools
        self._open_to_all = open_to_all

    def explain(self, request: web.BaseRequest | Asked, error: WarmgateError) -> web.Response:
        """Answer an error, and tell the log; also that of what was no readable request."""
        self._incidents.note(error, request.get(INSTANCE, ""))
        why = ""
        if isinstance(error, SessionEnded) and error.detail in set(Reason):
            why = answers.ENDED.get(Reason(error.detail), "")
        again = self._again(request, error)
        response = answers.error(request, error, prefix=self._prefix, main=self._main, again=again, why=why)
        if isinstance(error, MethodRefused):
            response.headers[hdrs.ALLOW] = METHODS
        if isinstance(error, BadRequest):
            # What follows on this connection cannot be told from what belongs to this request.
            response.force_close()
        return self.shared(response, request)

    def shared(self, response: Answer, request: web.BaseRequest | Asked) -> Answer:
        """Return a response with the fields that say which sites may read it, and may frame a page."""
        for name, value in self._origins.fields(request.headers.get(hdrs.ORIGIN)):
            response.headers.add(name, value)
        if response.content_type == "text/html":
            # A policy of its own beside the page's: both hold.
            response.headers.add("Content-Security-Policy", self._origins.frame_ancestors)
        return response

    def _again(self, request: web.BaseRequest | Asked, error: WarmgateError) -> str | None:
        """Return where a person may go on from an error, if anywhere."""
        if error.status not in MENDABLE or not self._open_to_all():
            return None
        if isinstance(error, PoolUnknown):
            return None  # Another notebook would be no answer to the one that was named.
        path, pool = "/spawn", ""
        if error.status == 429:
            wanted = request.raw_path.partition("?")[0].removeprefix(self._prefix)
            # Whoever wanted a certain page is led there when there is room.
            path = wanted if wanted.startswith("/spawn") else path
            pool = error.detail if isinstance(error, PoolEmpty) else request.query.get("pool", "")
        elif isinstance(error, SessionEnded):
            pool = error.pool
        known = self._pools()
        if error.status == 429 and pool not in known and len(known) > 1 and request.method == hdrs.METH_POST:
            return None  # The wish was in a form, and another pool's notebook would be no answer to it.
        return self._main + path + (f"?pool={pool}" if pool in known else "")
