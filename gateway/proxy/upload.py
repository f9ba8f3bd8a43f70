"""The way of a request's body: from the visitor piece by piece to the instance, as fast as it takes them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from config.errors import WarmgateError
from gateway.errors import BadRequest, UploadStalled, UpstreamTimeout
from gateway.proxy.reply import LAST_CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import StreamReader

    from gateway.proxy.limits import Limits
    from gateway.proxy.reply import Reply
    from gateway.proxy.wire import Wire


class Upload:
    """One body. `waits` says that the visitor wants `100 Continue` first, `chunked` that it has no length."""

    def __init__(
        self,
        content: StreamReader,
        reply: Reply,
        limits: Limits,
        *,
        waits: bool,
        chunked: bool,
        on_piece: Callable[[int], None],
    ) -> None:
        self._content = content
        self._reply = reply
        self._limits = limits
        self._waits = waits
        self._chunked = chunked
        self._on_piece = on_piece

    async def send(self, wire: Wire, on_sent: Callable[[], None]) -> None:
        """Send the body, then call `on_sent`. What goes wrong is told to whoever waits for the answer."""
        try:
            await self._send(wire)
            on_sent()
        except WarmgateError as error:
            wire.fail(error)
        except (web.RequestPayloadError, ConnectionError, RuntimeError):
            # Broken chunks, or the visitor left: the instance must not take what it has for all there was.
            wire.fail(BadRequest("the body ended before its end"))

    async def _send(self, wire: Wire) -> None:
        if self._waits and not self._content.total_bytes:
            await self._reply.go_on()
        while data := await self._next():
            self._on_piece(len(data))
            wire.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
            if wire.full:
                await self._let_instance_catch_up(wire)
        if self._chunked:
            wire.write(LAST_CHUNK)
        wire.sending = False

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(self._limits.client_body):
                return await self._content.readany()
        except TimeoutError:
            raise UploadStalled("no bytes from the visitor") from None

    async def _let_instance_catch_up(self, wire: Wire) -> None:
        try:
            async with asyncio.timeout(self._limits.upstream_stall):
                await wire.drain()
        except TimeoutError:
            raise UpstreamTimeout("the server takes no more of the upload") from None
