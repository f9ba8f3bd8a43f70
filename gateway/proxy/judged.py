"""A websocket in view mode: read message by message on both sides, each judged before it goes on.

Stands where a tunnel stands in edit mode, with the same promises: each side is made to wait while the other
takes no more, either one's end ends both, and the visitor hears why a session ended.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING

import structlog
from websockets.frames import CloseCode
from websockets.protocol import CLIENT, SERVER

from gateway.policy.pace import Pace
from gateway.proxy import sockets
from gateway.proxy.message_stream import MessageStream
from gateway.proxy.quick_ack import QuickAck

if TYPE_CHECKING:
    from gateway.policy.conversation import Conversation
    from gateway.policy.verdict import Message, Verdict
    from gateway.proxy.carrier import Switched

log = structlog.stdlib.get_logger(__name__)


class Phase(Enum):
    """How far a conversation is."""

    CARRYING = "carrying"
    WONDERING = "wondering"
    """The instance is gone without a goodbye; perhaps somebody can still tell the visitor why."""
    LEAVING = "leaving"
    """We have said goodbye and wait a moment for the visitor's."""
    OVER = "over"


class Judged:
    """One judged conversation. Its two ends are the protocols of the two transports."""

    def __init__(self, switched: Switched, conversation: Conversation) -> None:
        limits = switched.limits
        pace = Pace(limits.frames, limits.frames_at_once, clock=asyncio.get_running_loop().time)
        self.about = switched
        """What it was given."""
        self._conversation = conversation
        self._timer: asyncio.TimerHandle | None = None
        self._phase = Phase.CARRYING
        of_visitor = MessageStream(SERVER, limits.message_of_visitor, pace)
        of_instance = MessageStream(CLIENT, limits.message_of_instance)
        self.visitor = End(self, switched.visitor, of_visitor, limits.client_stall)
        self.instance = End(self, switched.instance, of_instance, limits.upstream_stall)
        self._acknowledging = QuickAck(switched.instance, switched.quick_acks)

    def start(self) -> None:
        """Carry messages until either side ends or `close` is called."""
        switched = self.about
        switched.visitor.set_protocol(self.visitor)
        switched.instance.set_protocol(self.instance)
        if switched.early:
            self.visitor.data_received(switched.early)
        if switched.leftover:
            self.instance.data_received(switched.leftover)
        self.steer()

    def close(self, code: int, reason: str) -> None:
        """Say goodbye to both sides and end."""
        if self._phase in {Phase.CARRYING, Phase.WONDERING}:
            self._leave(code, reason)

    # What the two ends call.

    def came(self, end: End, data: bytes) -> None:
        """Bytes have come from one side."""
        if end is self.instance:
            self._acknowledging.came()
        for message in end.stream.feed(data):
            if self._phase is Phase.CARRYING:
                self._judge(end, message)
        if self._phase is Phase.CARRYING:
            end.flush()  # pongs
            if end.stream.heard:
                self._leave(*end.stream.goodbye)
        elif self.visitor.stream.heard:
            self.end()

    def lost(self, end: End) -> None:
        """One side is gone. A visitor is held a moment when it was the instance, to hear why."""
        if end is self.visitor:
            self.end()
        elif self._phase is Phase.CARRYING:
            self._phase = Phase.WONDERING
            self._acknowledging.forget()
            self.about.on_loss()
            self._after(self.about.limits.cause)

    def steer(self) -> None:
        """Let each side be read only while what it leads to can be written."""
        full = self.visitor.full
        self.instance.read(wanted=not full)
        # Refusals are written to the visitor, so one who takes none cannot have them pile up here.
        self.visitor.read(wanted=not (full or self.instance.full))

    def end(self) -> None:
        """Close both sides; their last bytes may still leave, but not for ever."""
        if self._phase is Phase.OVER:
            return
        self._phase = Phase.OVER
        if self._timer is not None:
            self._timer.cancel()
        self._acknowledging.forget()
        for end in (self.visitor, self.instance):
            end.rest()
            if not end.closing:
                sockets.hurry(end.transport, self.about.limits.flush)
                end.transport.close()
        self.about.on_over(self)

    # The rest is its own.

    def _judge(self, end: End, message: Message) -> None:
        about, conversation = self.about, self._conversation
        try:
            if end is self.visitor:
                verdict = conversation.from_visitor(message)
            else:
                verdict = conversation.from_instance(message)
        except Exception:
            # A rule that fails has judged nothing, so nothing may pass.
            log.exception("rule_failed")
            self._leave(CloseCode.INTERNAL_ERROR, "this message could not be judged")
            return
        if end is self.visitor and verdict.active:
            about.on_activity()
        if verdict.refused:
            about.meter.refused()
        self._carry_out(verdict)

    def _carry_out(self, verdict: Verdict) -> None:
        for message in verdict.to_instance:
            self.instance.stream.send(message)
        if verdict.to_instance:
            self._acknowledging.sent()
            self.about.meter.to_instance(self.instance.flush())
        for message in verdict.to_visitor:
            self.visitor.stream.send(message)
        if verdict.to_visitor:
            self.about.meter.to_visitor(self.visitor.flush())

    def _leave(self, code: int | None, reason: str) -> None:
        """Say goodbye on both sides, and wait a moment for the visitor's own."""
        self._phase = Phase.LEAVING
        visitor, instance = self.visitor, self.instance
        instance.stream.say_goodbye(code, reason)
        instance.flush()
        if visitor.closing or visitor.full:
            # A visitor who takes no bytes would not take a goodbye either.
            sockets.reset(visitor.transport)
            self.end()
            return
        visitor.stream.say_goodbye(code, reason)
        visitor.flush()
        if visitor.stream.heard:
            self.end()
            return
        visitor.read(wanted=True)
        # Closed at once, a page with bytes on the way to us would see a reset and never the code.
        self._after(self.about.limits.close_grace)

    def _after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self.end)


class End(asyncio.Protocol):
    """One side: its transport, and its bytes as messages. It may be full for `patience` seconds."""

    def __init__(
        self, judged: Judged, transport: asyncio.Transport, stream: MessageStream, patience: float
    ) -> None:
        self._judged = judged
        self.transport = transport
        self.stream = stream
        self.full = False
        """Whether this side has not taken yet what was written."""
        self._reading = False
        self._patience = patience
        self._stall: asyncio.Handle | None = None

    @property
    def closing(self) -> bool:
        """Whether nothing more can be written to this side."""
        return self.transport.is_closing()

    def flush(self) -> int:
        """Write what is to be written; return how many bytes."""
        data = self.stream.outgoing()
        if data and not self.closing:
            self.transport.write(data)
        return len(data)

    def read(self, *, wanted: bool) -> None:
        """Read from this side, or let it wait."""
        if wanted == self._reading or self.closing:
            return
        self._reading = wanted
        if wanted:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def rest(self) -> None:
        """Let go of everything that is not the transport's."""
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def pause_writing(self) -> None:
        """This side takes no more: it is given time, but not for ever."""
        self.full = True
        self._stall = asyncio.get_running_loop().call_later(self._patience, sockets.reset, self.transport)
        self._judged.steer()

    def resume_writing(self) -> None:
        """This side takes bytes again."""
        self.full = False
        self.rest()
        self._judged.steer()

    def data_received(self, data: bytes) -> None:
        """Take in bytes."""
        self._judged.came(self, data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - however it was lost
        """This side is gone; by `eof_received` not being here, a half-closed one too."""
        self._judged.lost(self)
