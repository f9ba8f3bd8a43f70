"""One connection to an instance's server: one request at a time out, one answer at a time in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from config.errors import WarmgateError
from gateway.errors import InstanceUnreachable
from gateway.proxy import sockets
from gateway.proxy.reader import Reader, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.proxy.answer import Framing, Head
    from gateway.proxy.limits import Limits


class Wire(asyncio.Protocol):
    """Use: `begin`, `write` …, `head`, then `read` until it is empty, or `detach` after a 101.

    A websocket starts on the same kind of connection as any request. Reading stops while `limits.high_water`
    bytes wait to be read. All waiting ends with an error of the tree when the connection is lost, the answer
    is faulty, or somebody calls `fail`.
    """

    def __init__(self, limits: Limits, on_lost: Callable[[Wire], None]) -> None:
        self._limits = limits
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._reader: Reader | None = None
        self._error: WarmgateError | None = None
        self._paused = False
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self.untouched = True
        """Whether nothing of the current answer has arrived."""
        self.sending = False
        """Whether the current request's body is still on its way; set by who sends it."""
        self.idle_since = 0.0

    def begin(self, method: str, *, upgrade: bool = False) -> None:
        """Start an exchange: the next answer belongs to a request of this method."""
        self._reader = Reader(method, upgrade=upgrade, limit=self._limits.head)
        self.untouched = True
        self.sending = False

    def write(self, data: bytes) -> None:
        """Send bytes; see `drain`. Does nothing on a lost connection: `head` and `read` tell of that."""
        # uvloop refuses to write to a closed transport, where asyncio only drops the bytes.
        if self.usable and self._transport is not None:
            self._transport.write(data)

    @property
    def full(self) -> bool:
        """Whether the server has not taken yet what was written."""
        return not self._writable.is_set()

    async def drain(self) -> None:
        """Wait until the server takes more bytes. Returns at once on a lost connection."""
        await self._writable.wait()

    async def head(self) -> Head:
        """Wait for the answer's head, a 101 included."""
        reader = self._current()
        while reader.head is None:
            await self._wait()
        return reader.head

    @property
    def framing(self) -> Framing:
        """Where the body ends; known after the head."""
        return self._current().framing

    async def read(self) -> bytes:
        """Return what is there of the body, at least one byte; empty at its end."""
        reader = self._current()
        while not reader.held:
            if reader.done():
                return b""
            await self._wait()
        data = reader.take()
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return data

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._news.clear()
        await self._news.wait()

    def _current(self) -> Reader:
        if self._reader is None:
            raise RuntimeError("begin() comes first")
        return self._reader

    @property
    def has_body(self) -> bool:
        """Whether a piece of the body can be read without waiting."""
        return self._reader is not None and bool(self._reader.held)

    @property
    def usable(self) -> bool:
        """Whether the connection is open."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def reusable(self) -> bool:
        """Whether the exchange ended so cleanly that another may follow."""
        reader = self._reader
        clean = reader is not None and reader.done() and reader.keep and not reader.surplus
        return clean and not self.sending and self._error is None and self.usable

    def rest(self, now: float) -> None:
        """Become idle after a reusable exchange."""
        self._reader = None
        self.idle_since = now

    def detach(self) -> tuple[asyncio.Transport, bytes]:
        """Give away the connection after a 101, paused, with the bytes that came behind the head.

        Raises an error of the tree when it was lost meanwhile.
        """
        transport, self._transport = self._transport, None
        if transport is None or self._error is not None:
            raise self._error or InstanceUnreachable("connection lost right after the handshake")
        return transport, self._current().leftover

    def fail(self, error: WarmgateError) -> None:
        """End the exchange with `error` for whoever waits, and drop the connection."""
        if self._error is None:
            self._error = error
        self._news.set()
        self.abort()

    def close(self) -> None:
        """Close an idle connection."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drop the connection at once, so that a half-sent request cannot look whole."""
        if self._transport is not None:
            sockets.reset(self._transport)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol, here and below."""
        self._transport = cast("asyncio.Transport", transport)
        sockets.notice_loss(self._transport)

    def data_received(self, data: bytes) -> None:
        """Read, wake who waits, and stop reading when nobody takes what came."""
        if self._reader is None:
            # Nobody asked: what comes between two exchanges must not become the next one's answer.
            self.abort()
            return
        self.untouched = False
        try:
            self._reader.feed(data)
        except WarmgateError as error:
            self.fail(error)
            return
        self._news.set()
        full = self._reader.held > self._limits.high_water or self._reader.stage is Stage.SWITCHED
        if full and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """The server sends no more; the connection closes by itself."""
        self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing goes in or out any more."""
        self._transport = None
        if exc is None:
            self._finish()
        else:
            self.fail(InstanceUnreachable(f"connection lost: {type(exc).__name__}"))
        self._writable.set()
        self._news.set()
        self._on_lost(self)

    def _finish(self) -> None:
        try:
            if self._reader is not None:
                self._reader.eof()
        except WarmgateError as error:
            self.fail(error)
        self._news.set()

    def pause_writing(self) -> None:
        """The server takes no more for now."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The server takes bytes again."""
        self._writable.set()
