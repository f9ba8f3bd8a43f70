"""One connection to an instance's server: one request at a time out, one answer at a time in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

from config.errors import WarmgateError
from gateway.errors import InstanceUnreachable, UpstreamTimeout
from gateway.proxy import sockets
from gateway.proxy.deadline import Deadline
from gateway.proxy.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.proxy.limits import Limits


class Asking(Protocol):
    """Who has sent a request over a wire, and waits for its answer."""

    def news(self, reader: Reader) -> None:
        """More of the answer has come, or its end."""
        ...

    def fail(self, error: WarmgateError) -> None:
        """No more will come: the answer is faulty, or the connection is gone."""
        ...

    def wire_full(self) -> None:
        """The server takes no more for now."""
        ...

    def wire_ready(self) -> None:
        """The server takes bytes again."""
        ...


class Wire(asyncio.Protocol):
    """Use: `begin`, `write` …; what comes is told to the asking one, until its reader is done or a 101 came.

    A websocket starts on the same kind of connection as any request, and takes it over with `detach`.
    """

    __slots__ = (
        "_asking",
        "_deadline",
        "_limits",
        "_on_lost",
        "_patience",
        "_paused",
        "_reader",
        "_transport",
        "full",
        "idle_since",
        "sending",
        "untouched",
    )

    def __init__(self, limits: Limits, on_lost: Callable[[Wire], None]) -> None:
        self._limits = limits
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._reader: Reader | None = None
        self._asking: Asking | None = None
        self._paused = False
        self._patience = 0.0
        self._deadline = Deadline(asyncio.get_running_loop(), self._expired)
        self.full = False
        """Whether the server has not taken yet what was written."""
        self.untouched = True
        """Whether nothing of the current answer has arrived."""
        self.sending = False
        """Whether the current request's body is still on its way; set by who sends it."""
        self.idle_since = 0.0

    def begin(self, asking: Asking, method: str, *, upgrade: bool = False) -> None:
        """Start an exchange: the next answer belongs to a request of this method."""
        self._asking = asking
        self._reader = Reader(method, upgrade=upgrade, limit=self._limits.head)
        self.untouched = True
        self.sending = False

    def write(self, data: bytes) -> None:
        """Send bytes; see `full`. Does nothing on a lost connection: `fail` tells of that."""
        # uvloop refuses to write to a closed transport, where asyncio only drops the bytes.
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def expect(self, seconds: float) -> None:
        """Give the server so many seconds for the head of its answer."""
        self._patience = seconds
        self._deadline.within(seconds)

    def expect_nothing(self) -> None:
        """Give the server all the time it wants."""
        self._deadline.clear()

    def _expired(self) -> None:
        late = f"no answer within {self._patience:g} s"
        self.fail(UpstreamTimeout("the server takes no more of the upload" if self.full else late))

    def pause(self) -> None:
        """Read no more: the visitor takes nothing."""
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._paused and self.usable and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    @property
    def usable(self) -> bool:
        """Whether the connection is open."""
        return self._transport is not None and not self._transport.is_closing()

    def rest(self, now: float) -> bool:
        """Become idle, if the exchange ended so cleanly that another may follow; return whether it did."""
        reader, transport = self._reader, self._transport
        if reader is None or not reader.keep or reader.surplus or not reader.done():
            return False
        if self.sending or self.full or transport is None or transport.is_closing():
            return False
        self._reader = self._asking = None
        self.idle_since = now
        if self._paused:
            self.resume()
        return True

    def detach(self) -> tuple[asyncio.Transport, bytes] | None:
        """Give away the connection after a 101, paused, with the bytes that came behind the head.

        Returns None when it was lost meanwhile.
        """
        transport, reader = self._transport, self._reader
        if transport is None or transport.is_closing() or reader is None:
            return None
        self.pause()
        self._deadline.cancel()
        self._transport = self._asking = self._reader = None
        return transport, reader.leftover

    def close(self) -> None:
        """Close an idle connection."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drop the connection at once, so that a half-sent request cannot look whole. Nobody is told."""
        self._asking = None
        if self._transport is not None:
            sockets.reset(self._transport)

    def fail(self, error: WarmgateError) -> None:
        """End the exchange with `error` for the one who asks, and drop the connection."""
        asking = self._asking
        self.abort()
        if asking is not None:
            asking.fail(error)

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol, here and below."""
        self._transport = cast("asyncio.Transport", transport)
        sockets.notice_loss(self._transport)

    def data_received(self, data: bytes) -> None:
        """Read, and tell the one who asks."""
        reader, asking = self._reader, self._asking
        if reader is None or asking is None:
            # Nobody asked: what comes between two exchanges must not become the next one's answer.
            self.abort()
            return
        self.untouched = False
        try:
            reader.feed(data)
        except WarmgateError as error:
            if reader.head is not None:
                asking.news(reader)
            self.fail(error)
            return
        asking.news(reader)

    def eof_received(self) -> None:
        """The server sends no more; the connection closes by itself."""
        self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing goes in or out any more."""
        self._transport = None
        self._deadline.cancel()
        if exc is None:
            self._finish()
        else:
            self.fail(InstanceUnreachable(f"connection lost: {type(exc).__name__}"))
        self._on_lost(self)

    def _finish(self) -> None:
        reader, asking = self._reader, self._asking
        if reader is None or asking is None or reader.done():
            return
        try:
            reader.eof()
        except WarmgateError as error:
            self.fail(error)
            return
        asking.news(reader)

    def pause_writing(self) -> None:
        """The server takes no more for now."""
        self.full = True
        self._deadline.within(self._limits.upstream_stall)
        if self._asking is not None:
            self._asking.wire_full()

    def resume_writing(self) -> None:
        """The server takes bytes again."""
        self.full = False
        self._deadline.clear()
        if self._asking is not None:
            self._asking.wire_ready()
