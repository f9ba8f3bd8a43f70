"""Writes one answer to the visitor through aiohttp's connection, with a head made elsewhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from aiohttp import web

from gateway.proxy import sockets
from gateway.proxy.answer import Ends, Framing

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http import StreamWriter

    from gateway.proxy.limits import Limits
    from gateway.proxy.ports import Meter

CLOSE = b"Connection: close\r\n"
KEEP_ALIVE = b"Connection: keep-alive\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
LAST_CHUNK = b"0\r\n\r\n"


class Relayed(web.StreamResponse):
    """What aiohttp is handed when everything has been written already. It writes nothing more."""

    def __init__(self, status: int, *, keep_alive: bool) -> None:
        super().__init__(status=status)
        self._stay = keep_alive

    @property
    def keep_alive(self) -> bool:
        """Whether the connection stays open for another request."""
        return self._stay

    @property
    def prepared(self) -> bool:
        """Always true: the head has been sent."""
        return True

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Do nothing."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing."""


class Reply:
    """One answer. Writing raises ConnectionError when the visitor is gone or takes no bytes for too long."""

    def __init__(self, request: web.BaseRequest, meter: Meter, limits: Limits) -> None:
        self._request = request
        self._meter = meter
        self._limits = limits
        self._chunked = False
        self._status = 0
        self._keep = request.keep_alive

    @property
    def started(self) -> bool:
        """Whether anything has been written, so that no other answer can be given."""
        return self._status != 0

    def framing(self, body: Framing, *, changed: bool) -> bytes:
        """Return the fields that tell the visitor where the body ends, and whether the connection stays.

        `changed` says that the body's length is no longer what the server told.
        """
        old = self._request.version < (1, 1)
        length = None if changed else body.length
        parts = []
        if length is not None:
            parts.append(b"Content-Length: %d\r\n" % length)
        elif body.ends is not Ends.NO_BODY:
            self._chunked = not old
            # HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
            self._keep = self._keep and not old
            if self._chunked:
                parts.append(CHUNKED)
        if not self._keep:
            parts.append(CLOSE)
        elif old:
            parts.append(KEEP_ALIVE)
        return b"".join(parts)

    async def start(self, status: int, head: bytes, first: bytes = b"") -> None:
        """Send the head, together with a first piece of the body if there is one."""
        self._status = status
        self._meter.request(status)
        await self._write(head + self._framed(first) if first else head)

    async def body(self, data: bytes) -> None:
        """Send a piece of the body at once."""
        if data:
            await self._write(self._framed(data))

    async def end(self) -> Relayed:
        """Finish a whole answer. What is left of the request's body is read and thrown away by aiohttp."""
        if self._chunked:
            await self._write(LAST_CHUNK)
        return Relayed(self._status, keep_alive=self._keep)

    def cut(self) -> Relayed:
        """End an answer that cannot be finished so that nobody takes it for whole."""
        if self._request.transport is not None:
            sockets.reset(self._request.transport)
        return Relayed(self._status, keep_alive=False)

    async def go_on(self) -> None:
        """Send `100 Continue` (RFC 9110 section 10.1.1)."""
        await self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # As aiohttp does itself: another answer, an error page perhaps, is still to come.
        self._request.writer.output_size = 0

    def _framed(self, data: bytes) -> bytes:
        self._meter.to_visitor(len(data))
        return b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data

    async def _write(self, data: bytes) -> None:
        writer = cast("StreamWriter", self._request.writer)
        await writer.write(data, drain=False)
        if self._request.protocol.writing_paused:
            try:
                async with asyncio.timeout(self._limits.client_stall):
                    await writer.drain()
            except TimeoutError:
                raise ConnectionResetError("the visitor takes no bytes") from None
