"""A websocket as a tunnel: bytes both ways, neither framed anew nor limited in size.

Each side is made to wait while the other takes no more. The end of either side ends both, once what had
arrived was passed on: a half-closed TCP connection means nothing to a websocket, which says goodbye with a
Close frame.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from gateway.proxy import sockets
from gateway.proxy.frames import FrameScanner, close_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web
    from aiohttp.http_websocket import WebSocketReader

    from gateway.proxy.limits import Limits
    from gateway.proxy.ports import Meter

MASK_BYTES = 4


@dataclass(frozen=True, slots=True)
class Switched:
    """Both ends of a websocket right after the handshake; the instance's end is paused."""

    request: web.BaseRequest
    transport: asyncio.Transport
    leftover: bytes
    """What the instance sent behind its 101."""
    on_activity: Callable[[], None]
    on_loss: Callable[[], None]
    """Called when the instance is gone without a goodbye."""
    meter: Meter
    limits: Limits
    random_bytes: Callable[[int], bytes]


class Carrier(Protocol):
    """Carries a websocket: this module's tunnel, or a stream decoded and judged message by message."""

    def close(self, code: int, reason: str) -> None:
        """End it soon, with this code where a frame can be put."""
        ...

    async def run(self) -> None:
        """Carry until either side ends. Leaves nothing open on the instance's side."""
        ...


class Tunnel(asyncio.Protocol):
    """One tunnel. Toward the instance it is the transport's protocol; toward the visitor it takes the place
    of aiohttp's websocket parser (`feed_data`, `feed_eof`), so that aiohttp's own handler sees the connection
    end.
    """

    def __init__(self, switched: Switched) -> None:
        self._switched = switched
        self._protocol = switched.request.protocol
        self._client = cast("asyncio.Transport", switched.request.transport)
        self._upstream = switched.transport
        self._from_client = FrameScanner()
        self._from_upstream = FrameScanner()
        self._wake = asyncio.Event()
        self._over = False
        self._farewell: tuple[int, str] | None = None
        self._client_left = asyncio.Event()
        self._upstream_lost = False
        self._wondering = False
        self._reaper: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Carry bytes until either side ends or `close` was called."""
        self._upstream.set_protocol(self)
        try:
            # First comes what the visitor sent before the handshake was over; aiohttp kept it within bounds.
            self._protocol.set_parser(cast("WebSocketReader", self))
            self.data_received(self._switched.leftover)
            if not self._over:
                self._upstream.resume_reading()
            while not self._over:
                self._wake.clear()
                await self._wake.wait()
                if self._protocol.writing_paused:
                    await self._let_client_catch_up()
            silent = not (self._from_upstream.closed or self._from_client.closed)
            if self._farewell is None and self._upstream_lost and silent:
                await self._learn_cause()
            if self._farewell is not None:
                await self._say_goodbye(*self._farewell)
        except (ConnectionError, TimeoutError):
            sockets.reset(self._client)
        finally:
            self._close_upstream()

    async def _let_client_catch_up(self) -> None:
        async with asyncio.timeout(self._switched.limits.client_stall):
            await self._switched.request.writer.drain()
        if not self._over and not self._upstream.is_closing():
            self._upstream.resume_reading()

    async def _learn_cause(self) -> None:
        """Wait a moment for `close`: an instance that has ended took its connections with it, before anybody
        could tell. The visitor is to hear why, and not that the network failed.
        """
        self._wondering = True
        self._switched.on_loss()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._switched.limits.cause):
                while self._farewell is None and not self._client_left.is_set():
                    self._wake.clear()
                    await self._wake.wait()
        self._wondering = False

    def close(self, code: int, reason: str) -> None:
        """Say goodbye to both sides and end; a side in the middle of a frame is cut off instead."""
        if self._over and not self._wondering:
            return
        self._farewell = (code, reason)
        self._end()
        if self._protocol.writing_paused:
            sockets.reset(self._client)  # It takes no bytes, so it would not take a goodbye either.

    async def _say_goodbye(self, code: int, reason: str) -> None:
        # uvloop refuses to write to a closed transport, where asyncio only drops the bytes.
        willing = self._from_client.at_boundary() and not self._from_client.closed
        if willing and not self._upstream.is_closing():
            self._upstream.write(close_frame(code, reason, self._switched.random_bytes(MASK_BYTES)))
        if not self._from_upstream.at_boundary() or self._client.is_closing():
            sockets.reset(self._client)
            return
        if not self._from_upstream.closed:
            self._client.write(close_frame(code, reason))
        # Closed at once, a page with bytes on the way to us would see a reset and never the code.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._switched.limits.close_grace):
                await self._client_left.wait()

    def _end(self) -> None:
        self._over = True
        self._wake.set()

    def _close_upstream(self) -> None:
        """Let the last bytes leave, but not for ever."""
        self._end()
        self._upstream.close()
        if not self._upstream_lost:
            loop = asyncio.get_running_loop()
            self._reaper = loop.call_later(self._switched.limits.flush, self._upstream.abort)

    # The visitor's side, called by aiohttp's handler.

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Pass bytes on to the instance. Returns what aiohttp expects: not over, nothing left."""
        active = self._from_client.feed(data)
        if self._over:
            if self._from_client.closed:
                self._client_left.set()
            return False, b""
        if active:
            self._switched.on_activity()
        self._switched.meter.to_instance(len(data))
        if not self._upstream.is_closing():
            self._upstream.write(data)
        return False, b""

    def feed_eof(self) -> None:
        """The visitor's connection is gone."""
        self._client_left.set()
        self._end()

    # The instance's side, called by its transport.

    def data_received(self, data: bytes) -> None:
        """Pass bytes on to the visitor, and stop reading while they take no more."""
        if self._over or not data or self._client.is_closing():
            return
        sockets.acknowledge_soon(self._upstream)
        self._from_upstream.feed(data)
        self._switched.meter.to_visitor(len(data))
        self._client.write(data)
        if self._protocol.writing_paused:
            self._upstream.pause_reading()
            self._wake.set()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The instance's connection is gone."""
        self._upstream_lost = True
        if self._reaper is not None:
            self._reaper.cancel()
        self._end()

    def pause_writing(self) -> None:
        """The instance takes no more: let the visitor wait."""
        if not self._client.is_closing():
            self._client.pause_reading()

    def resume_writing(self) -> None:
        """The instance takes bytes again."""
        if not self._client.is_closing():
            self._client.resume_reading()
