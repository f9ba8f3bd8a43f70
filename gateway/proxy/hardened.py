"""aiohttp's server, with the gaps closed that a relay cannot live with.

| gap in aiohttp 3.14.5 | here |
|---|---|
| a body that turns malformed after its first bytes never ends for who reads it | it ends with an error |
| heads that are too large get 400 | 431 |
| an answer to what could not be read is lost if more is on its way | the rest is read and thrown away |
| an error page quotes the request | our own page |
| a visitor's disconnect is noticed at the next write | it cancels the handler |
| a closed connection lasts for ever if the visitor reads nothing | `limits.flush` |
| compressed uploads are unpacked | they pass as they are |
| `Application` answers `Expect` before anybody looked at the path | the relay answers it |
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from aiohttp import http_parser, web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong

from config.errors import WarmgateError
from gateway.errors import BadRequest, HeadTooLarge, ParserMissing, VersionRefused
from gateway.proxy import sockets
from gateway.proxy.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Handler

    Explain = Callable[[web.BaseRequest, WarmgateError], web.StreamResponse]
    First = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]

KEEP_ALIVE = 75.0
"""Seconds a connection may idle, or take over the head of its first request."""

LINGER = 10.0
"""Seconds an upload that was refused is still read, so that the answer is not lost to a reset."""

LINGER_UNREADABLE = 2.0
"""The same for bytes that are no request."""

LINE_LIMIT = 8190
FIELD_LIMIT = 16_380
MOST_FIELDS = 100

TOO_MANY_FIELDS = "Too many headers"
BAD_VERSION = "Invalid HTTP version"
"""What aiohttp says; it has no error types of their own for these."""


class HardenedHandler(web.RequestHandler):
    """aiohttp's handler of one connection."""

    __slots__ = ("_explain", "_flush", "_unreadable")

    def __init__(self, manager: web.Server, explain: Explain, *, flush: float, **options: Any) -> None:
        super().__init__(manager, **options)
        self._explain = explain
        self._flush = flush
        self._unreadable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with a kernel that notices visitors who vanish."""
        sockets.notice_loss(cast("asyncio.Transport", transport))
        super().connection_made(transport)

    def force_close(self) -> None:
        """Close, but do not wait for ever for a visitor to take the last bytes."""
        if self.transport is not None:
            sockets.hurry(self.transport, self._flush)
        super().force_close()

    def data_received(self, data: bytes) -> None:
        """Read, and end the body that was being read when the bytes stopped making sense.

        aiohttp only queues its error behind the request that waits for that body, which would hang.
        """
        super().data_received(data)
        # An error in the queue is told from a request by what it lacks; its class is private.
        if self._messages and not hasattr(self._messages[-1][0], "method"):
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
        """Answer what could not be read as a request, and faults of our own, which aiohttp logs."""
        if isinstance(exc, HttpProcessingError):
            self._unreadable = True
            error: WarmgateError = _named(exc)
        else:
            super().handle_error(request, status, exc, message)  # raises when an answer has begun
            error = WarmgateError(type(exc).__name__ if exc else "a handler gave up")
        response = self._explain(request, error)
        response.force_close()
        return response

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send the answer; behind the last one, throw away what comes, so that no reset overtakes it."""
        finished = await super().finish_response(request, resp, start_time)
        transport = self.transport
        if transport is None or transport.is_closing() or resp.keep_alive:
            return finished
        sockets.hurry(transport, self._flush)
        if self._unreadable:
            self.close()
            transport.write_eof()
            await asyncio.sleep(LINGER_UNREADABLE)  # cut short when the visitor closes
        return finished


class HardenedServer(web.Server):
    """Makes a handler for each connection; every request goes to `handle`."""

    def __init__(
        self,
        handle: Callable[[web.Request], Awaitable[web.StreamResponse]],
        *,
        explain: Explain,
        limits: Limits = DEFAULT,
        **options: Any,
    ) -> None:
        if http_parser.HttpRequestParser is http_parser.HttpRequestParserPy:
            raise ParserMissing
        super().__init__(cast("Any", handle), handler_cancellation=True, **options)
        self._explain = explain
        self._limits = limits

    def __call__(self) -> web.RequestHandler:
        """Return the handler of a new connection."""
        return HardenedHandler(
            self,
            self._explain,
            flush=self._limits.flush,
            loop=asyncio.get_running_loop(),
            access_log=cast("Any", None),  # requests are counted; the log tells of sessions
            keepalive_timeout=KEEP_ALIVE,
            lingering_time=LINGER,
            max_line_size=LINE_LIMIT,
            max_field_size=FIELD_LIMIT,
            max_headers=MOST_FIELDS,
            auto_decompress=False,
        )


class HardenedRunner(web.AppRunner):
    """Runs an application behind a HardenedServer. Other options are those of web.AppRunner.

    `first` sees every request before the application's router does, and is given the application as handler;
    its form is that of a middleware. `explain` answers what was no readable request: it is given a request
    without fields then. Raises ParserMissing at setup.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        first: First,
        explain: Explain,
        limits: Limits = DEFAULT,
        **options: Any,
    ) -> None:
        super().__init__(app, **options)
        self._first = first
        self._explain = explain
        self._limits = limits

    async def _make_server(self) -> web.Server:
        inner = await super()._make_server()
        application = cast("Handler", inner.request_handler)

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._first(request, application)

        return HardenedServer(
            handle, explain=self._explain, limits=self._limits, request_factory=inner.request_factory
        )


def _named(exc: HttpProcessingError) -> BadRequest:
    # The message quotes the request, which may hold a session's id; only its kind is kept.
    if isinstance(exc, LineTooLong) or TOO_MANY_FIELDS in exc.message:
        return HeadTooLarge(type(exc).__name__)
    if BAD_VERSION in exc.message:
        return VersionRefused("not a version of HTTP")
    return BadRequest(type(exc).__name__)
