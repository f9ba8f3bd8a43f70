"""A websocket as a tunnel: bytes both ways, neither framed anew nor limited in size.

Each side is made to wait while the other takes no more. The end of either side ends both, once what had
arrived was passed on: a half-closed TCP connection means nothing to a websocket, which says goodbye with a
Close frame.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.proxy import sockets
from gateway.proxy.frames import FrameScanner, close_frame, short_message
from gateway.proxy.quick_ack import QuickAck

if TYPE_CHECKING:
    from gateway.proxy.carrier import Switched

MASK_BYTES = 4


class Tunnel:
    """One tunnel. Its two ends are the protocols of the two transports."""

    __slots__ = (
        "_leaving",
        "_over",
        "_timer",
        "_wondering",
        "about",
        "going",
        "instance",
        "visitor",
    )

    def __init__(self, switched: Switched) -> None:
        self.about = switched
        """What it was given."""
        self._timer: asyncio.TimerHandle | None = None
        self._leaving = False
        self._wondering = False
        self._over = False
        self.going = True
        """Whether bytes still cross."""
        limits = switched.limits
        self.visitor = VisitorEnd(self, switched.visitor, switched.instance, limits.client_stall)
        self.instance = InstanceEnd(self, switched.instance, switched.visitor, limits.upstream_stall)

    def start(self) -> None:
        """Carry bytes until either side ends or `close` is called."""
        switched = self.about
        switched.visitor.set_protocol(self.visitor)
        switched.instance.set_protocol(self.instance)
        if switched.early:
            self.visitor.data_received(switched.early)
        if switched.leftover:
            self.instance.data_received(switched.leftover)
        # A side that is full already by what came early has the other one wait from the start.
        for end, opposite in ((self.visitor, self.instance), (self.instance, self.visitor)):
            if not opposite.full and not end.closing:
                end.transport.resume_reading()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye to both sides and end; a side in the middle of a frame is cut off instead."""
        if self._over or self._leaving:
            return
        self._leaving = True
        self.going = False
        visitor, instance = self.visitor, self.instance
        # uvloop refuses to write to a closed transport, where asyncio only drops the bytes.
        if visitor.scanner.at_boundary() and not visitor.scanner.closed and not instance.closing:
            instance.transport.write(close_frame(code, reason, self.about.random_bytes(MASK_BYTES)))
        # A visitor who takes no bytes would not take a goodbye either.
        if not instance.scanner.at_boundary() or visitor.closing or visitor.full:
            sockets.reset(visitor.transport)
            self.end()
            return
        if not instance.scanner.closed:
            visitor.transport.write(close_frame(code, reason))
        if visitor.scanner.closed:
            self.end()
            return
        # Closed at once, a page with bytes on the way to us would see a reset and never the code.
        self._after(self.about.limits.close_grace)

    def instance_lost(self) -> None:
        """The instance is gone: end, but hold the visitor a moment if it left without a goodbye.

        An instance that has ended took its connections with it, before anybody could tell. The visitor is to
        hear why, by `close`, and not that the network failed.
        """
        if self._over or self._leaving or self._wondering:
            return
        if self.instance.scanner.closed or self.visitor.scanner.closed:
            self.end()
            return
        self._wondering = True
        self.going = False
        self.about.on_loss()
        self._after(self.about.limits.cause)

    def _after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.end)

    def end(self) -> None:
        """Close both sides; their last bytes may still leave, but not for ever."""
        if self._over:
            return
        self._over = True
        self.going = False
        if self._timer is not None:
            self._timer.cancel()
        flush = self.about.limits.flush
        for end in (self.visitor, self.instance):
            end.rest()
            if not end.closing:
                sockets.hurry(end.transport, flush)
                end.transport.close()
        self.about.on_over(self)


class End(asyncio.Protocol):
    """One side: `transport` is its own, `other` the opposite one. It may be full for `patience` seconds."""

    __slots__ = ("_patience", "_stall", "full", "other", "scanner", "transport", "tunnel")

    def __init__(
        self, tunnel: Tunnel, transport: asyncio.Transport, other: asyncio.Transport, patience: float
    ) -> None:
        self.tunnel = tunnel
        self.transport = transport
        self.other = other
        self.scanner = FrameScanner()
        self.full = False
        """Whether this side has not taken yet what was written."""
        self._patience = patience
        self._stall: asyncio.Handle | None = None

    @property
    def closing(self) -> bool:
        """Whether nothing more can be written to this side."""
        return self.transport.is_closing()

    def pause_writing(self) -> None:
        """This side takes no more: let the other one wait, but not for ever."""
        self.full = True
        self._stall = asyncio.get_running_loop().call_later(self._patience, sockets.reset, self.transport)
        if not self.other.is_closing():
            self.other.pause_reading()

    def resume_writing(self) -> None:
        """This side takes bytes again."""
        self.full = False
        self._relax()
        if not self.other.is_closing():
            self.other.resume_reading()

    def rest(self) -> None:
        """Let go of everything that is not the transport's."""
        self._relax()

    def _relax(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None


class VisitorEnd(End):
    """The visitor's side."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        """Pass bytes on to the instance."""
        tunnel = self.tunnel
        active = self.scanner.feed(data)
        if not tunnel.going:
            if self.scanner.closed:
                tunnel.end()
            return
        if active and not self._is_heartbeat(data):
            tunnel.about.on_activity()
        tunnel.about.meter.to_instance(len(data))
        if not self.other.is_closing():
            tunnel.instance.acknowledging.sent()
            self.other.write(data)

    def _is_heartbeat(self, data: bytes) -> bool:
        """Return whether that was a page's own sign of life and nothing else."""
        is_heartbeat = self.tunnel.about.is_heartbeat
        if is_heartbeat is None:
            return False
        message = short_message(data)
        return message is not None and is_heartbeat(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it was lost
        """The visitor is gone; by `eof_received` not being here, a half-closed one too."""
        self.tunnel.end()


class InstanceEnd(End):
    """The instance's side."""

    __slots__ = ("acknowledging",)

    def __init__(
        self, tunnel: Tunnel, transport: asyncio.Transport, other: asyncio.Transport, patience: float
    ) -> None:
        super().__init__(tunnel, transport, other, patience)
        self.acknowledging = QuickAck(transport, tunnel.about.quick_acks)

    def rest(self) -> None:
        """Let go of everything that is not the transport's."""
        super().rest()
        self.acknowledging.forget()

    def data_received(self, data: bytes) -> None:
        """Pass bytes on to the visitor."""
        tunnel = self.tunnel
        if not tunnel.going or self.other.is_closing():
            return
        self.acknowledging.came()
        self.scanner.feed(data)
        tunnel.about.meter.to_visitor(len(data))
        self.other.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it was lost
        """The instance's connection is gone."""
        self.acknowledging.forget()
        self.tunnel.instance_lost()
