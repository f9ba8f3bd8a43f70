"""One side of a websocket as whole messages (RFC 6455). Pure: bytes in, messages out, and back.

Where a tunnel passes frames on as they come, a conversation that is judged is read message by message and
written anew, so that the two sides can never disagree about where one ends. Pings are answered here and
cross to no one: Pluto 0.17 loses the message behind one.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from websockets.exceptions import ProtocolError
from websockets.frames import Close, CloseCode, Opcode
from websockets.protocol import OPEN, Protocol, Side

from gateway.proxy.frames import REASON_LIMIT

if TYPE_CHECKING:
    from websockets.frames import Frame

    from gateway.policy.pace import Pace
    from gateway.policy.verdict import Message

MAX_FRAGMENTS = 1024
"""Frames one message may come in. Empty ones would count for no bytes and so for ever."""

SLICE = 4 * 2**10
"""Bytes that are read at once: so many short frames at most are gone through before they are counted."""

log = logging.getLogger("websockets.warmgate")
log.setLevel(logging.CRITICAL)
"""The library would tell of each connection; what matters is told by us."""


class MessageStream:
    """Speaks with one side: `Side.SERVER` with a visitor, `Side.CLIENT` with an instance.

    `pace` counts the other end's frames. One that sends more has broken the rules: the shortest cost it six
    bytes, and us as much as any.
    """

    def __init__(self, side: Side, max_size: int, pace: Pace | None = None) -> None:
        self._protocol = Protocol(side, state=OPEN, max_size=max_size, logger=log)
        self._pace = pace
        self._opcode = Opcode.CONT
        self._parts: list[bytes] = []
        self.heard = False
        """Whether the other end has said goodbye, or broken the rules: nothing more is read of it."""
        self._code: int | None = None
        self._reason = ""

    @property
    def over(self) -> bool:
        """Whether no further message can be written: a Close frame was."""
        return self._protocol.state is not OPEN

    @property
    def goodbye(self) -> tuple[int | None, str]:
        """Code and reason of what ended this side: the other end's Close frame, or what it did wrong."""
        return self._code, self._reason

    def feed(self, data: bytes) -> list[Message]:
        """Take in bytes; return the messages that are whole now. See also `outgoing` and `over`."""
        messages: list[Message] = []
        for start in range(0, len(data), SLICE):
            self._protocol.receive_data(data[start : start + SLICE])
            for event in self._protocol.events_received():
                message = self._hear(event)  # type: ignore[arg-type]
                if self.heard:
                    return messages
                if message is not None:
                    messages.append(message)
            if self._protocol.parser_exc is not None:
                self._end(self._protocol.close_sent)
                break
        return messages

    def _hear(self, frame: Frame) -> Message | None:
        """Return the message that this frame ends, if it ends one."""
        if self._pace is not None and not self._pace.allows(1):
            self._fail(CloseCode.POLICY_VIOLATION, "too many frames")
        elif frame.opcode is Opcode.CLOSE:
            self._end(self._protocol.close_rcvd)
        elif frame.opcode not in {Opcode.PING, Opcode.PONG}:
            return self._take(frame)
        return None

    def _take(self, frame: Frame) -> Message | None:
        if frame.opcode is not Opcode.CONT:
            self._opcode = frame.opcode
        data = frame.data if isinstance(frame.data, bytes) else bytes(frame.data)
        if frame.fin and not self._parts:
            return self._message(data)
        self._parts.append(data)
        if frame.fin:
            whole = b"".join(self._parts)
            self._parts.clear()
            return self._message(whole)
        if len(self._parts) >= MAX_FRAGMENTS:
            self._fail(CloseCode.POLICY_VIOLATION, "too many fragments")
        return None

    def _message(self, data: bytes) -> Message | None:
        if self._opcode is not Opcode.TEXT:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            self._fail(CloseCode.INVALID_DATA, "not UTF-8")
            return None

    def _fail(self, code: CloseCode, reason: str) -> None:
        self._protocol.fail(code, reason)
        self._end(Close(code, reason))

    def _end(self, said: Close | None) -> None:
        self.heard = True
        if said is not None and said.code != CloseCode.NO_STATUS_RCVD:
            self._code, self._reason = said.code, said.reason

    def send(self, message: Message) -> None:
        """Write a message, unless this side is over."""
        if self.over:
            return
        if isinstance(message, str):
            self._protocol.send_text(message.encode())
        else:
            self._protocol.send_binary(message)

    def say_goodbye(self, code: int | None, reason: str) -> None:
        """Write a Close frame, unless one was. A reason too long for a frame is cut."""
        if self.over:
            return
        text = reason.encode()[:REASON_LIMIT].decode("utf-8", "ignore")
        try:
            self._protocol.send_close(code, text)
        except ProtocolError:  # a code that may be received and not be sent
            self._protocol.send_close()

    def outgoing(self) -> bytes:
        """Return the bytes to be written to this side now."""
        return b"".join(self._protocol.data_to_send())
