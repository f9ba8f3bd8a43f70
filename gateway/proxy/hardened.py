"""The listening side: visitors' connections in front, aiohttp's server behind them for our own addresses.

aiohttp never reads from a visitor: it is lent one well-formed request at a time (see lending). What is left
to be mended in aiohttp 3.14.5 for that:

| gap | here |
|---|---|
| a handler does not tell when its answer is written | `finish_response` does |
| a body that will never be whole must end for who reads it | `break_off` |
| an error page quotes the request | our own page |
| a visitor's disconnect is noticed at the next write | it cancels the handler |
| a closed connection lasts for ever if the visitor reads nothing | `limits.flush` |
| compressed uploads are unpacked | they pass as they are |
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from aiohttp import http_parser, web
from aiohttp.http_exceptions import HttpProcessingError

from config.errors import WarmgateError
from gateway.errors import BadRequest, ParserMissing
from gateway.proxy import sockets
from gateway.proxy.amending import Amending
from gateway.proxy.desk import Relaying
from gateway.proxy.door import Present
from gateway.proxy.exchange import Exchange
from gateway.proxy.lending import Lending
from gateway.proxy.limits import DEFAULT, Limits
from gateway.proxy.request import FIELD_LIMIT, MOST_FIELDS, TARGET_LIMIT
from gateway.proxy.visitor_connection import VisitorConnection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    from gateway.proxy.asked import Asked
    from gateway.proxy.desk import Desk
    from gateway.proxy.door import Arrived
    from gateway.proxy.handling import Handling
    from gateway.proxy.request import RequestHead

    Explain = Callable[[web.BaseRequest, WarmgateError], web.StreamResponse]
    First = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]

NEVER = 10 * 366 * 86_400.0
"""Seconds until aiohttp would close an idle connection by itself; the visitor's connection does that."""

STOP_LIMIT = 1.0
"""Seconds a handler of aiohttp may take to end once it was cancelled."""


class HardenedHandler(web.RequestHandler):
    """aiohttp's handler of what one connection lends it."""

    __slots__ = ("_explain", "_flush", "_lending")

    def __init__(self, manager: web.Server, explain: Explain, *, flush: float, **options: Any) -> None:
        super().__init__(manager, **options)
        self._explain = explain
        self._flush = flush
        self._lending: Lending | None = None

    def take(self, lending: Lending) -> None:
        """Answer one request, which is fed next."""
        self._lending = lending

    def force_close(self) -> None:
        """Close, but do not wait for ever for a visitor to take the last bytes."""
        if self.transport is not None:
            sockets.hurry(self.transport, self._flush)
        super().force_close()

    def let_go(self) -> None:
        """End as if the visitor had gone, but leave the connection alone: somebody else has it now."""
        self.transport = None
        self.connection_lost(None)

    def break_off(self) -> None:
        """End the body that is being read: no more of it will come."""
        bodies = [body for _, body in self._messages]
        if self._current_request is not None:
            bodies.append(self._current_request.content)
        for body in bodies:
            if not body.is_eof() and body.exception() is None:
                body.set_exception(web.RequestPayloadError("malformed body"))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer faults of our own, which aiohttp logs, and what its parser reads otherwise than ours."""
        if isinstance(exc, HttpProcessingError):
            # The message quotes the request, which may hold a session's id; only its kind is kept.
            error: WarmgateError = BadRequest(type(exc).__name__)
        else:
            super().handle_error(request, status, exc, message)  # raises when an answer has begun
            error = WarmgateError(type(exc).__name__ if exc else "a handler gave up")
        response = self._explain(request, error)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer, and tell the visitor's connection."""
        finished = await super().finish_response(request, resp, start_time)
        lending, self._lending = self._lending, None
        if lending is not None:
            lending.answered(keep=bool(resp.keep_alive))
        return finished


class HardenedServer(web.Server):
    """Makes the visitors' connections of one listening address, and is their Door."""

    def __init__(
        self,
        handle: Callable[[web.Request], Awaitable[web.StreamResponse]],
        *,
        explain: Explain,
        desk: Desk | None = None,
        limits: Limits = DEFAULT,
        **options: Any,
    ) -> None:
        if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
            raise ParserMissing
        super().__init__(cast("Any", handle), handler_cancellation=True, **options)
        self.limits = limits
        self.rested: Callable[[Arrived], None] | None = None
        self._present = Present()
        self.came = self._present.came
        self.left = self._present.left
        self._explain = explain
        self._desk = desk

    def __call__(self) -> Any:
        """Return the protocol of a new connection."""
        return VisitorConnection(self)

    @property
    def stopping(self) -> bool:
        """See Door, here and below."""
        return self._present.stopping

    def receive(self, visitor: Arrived, head: RequestHead) -> Handling | None:
        """Ask the desk; without one, all addresses are our own."""
        told = self._desk.receive(head, visitor.peer) if self._desk is not None else None
        if isinstance(told, Relaying):
            if told.amend is not None:
                return Amending(visitor, head, told, told.amend)
            return Exchange(visitor, head, told.place, told.connections, passed=told.passed)
        if told is None:
            return Lending(visitor, head, self._handler)
        if isinstance(told, web.Response):
            visitor.answer(told)
            return None
        return told(visitor, head)

    def explain(self, asked: Asked, error: WarmgateError) -> web.Response:
        """Return the answer an error leads to."""
        return cast("web.Response", self._explain(cast("web.BaseRequest", asked), error))

    def _handler(self) -> HardenedHandler:
        return HardenedHandler(
            self,
            self._explain,
            flush=self.limits.flush,
            loop=asyncio.get_running_loop(),
            access_log=cast("Any", None),  # requests are counted; the log tells of sessions
            keepalive_timeout=NEVER,
            lingering_time=self.limits.linger,
            max_line_size=TARGET_LIMIT,
            max_field_size=FIELD_LIMIT,
            max_headers=MOST_FIELDS,
            auto_decompress=False,
        )

    def pre_shutdown(self) -> None:
        """Read no further request."""
        self._present.stop()

    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - aiohttp's signature
        """Give answers under way `timeout` seconds; then drop what is left."""
        await self._present.leave(timeout)
        await super().shutdown(STOP_LIMIT)
        self._present.abort()


class HardenedRunner(web.AppRunner):
    """Runs an application behind a HardenedServer. Other options are those of web.AppRunner.

    `first` sees every request before the application's router does, and is given the application as handler;
    its form is that of a middleware. `explain` answers what was no readable request: it is given a request
    without fields then. `desk` says which requests are none of the application's. Raises ParserMissing at
    setup.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        first: First,
        explain: Explain,
        desk: Desk | None = None,
        limits: Limits = DEFAULT,
        **options: Any,
    ) -> None:
        super().__init__(app, **options)
        self._first = first
        self._explain = explain
        self._desk = desk
        self._limits = limits

    async def _make_server(self) -> web.Server:
        inner = await super()._make_server()
        application = cast("Handler", inner.request_handler)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._first(request, application)

        return HardenedServer(
            handle,
            explain=self._explain,
            desk=self._desk,
            limits=self._limits,
            request_factory=inner.request_factory,
        )
