"""Messages of the kernel protocol (jupyter_client, "Messaging in Jupyter", 5.3), and one kernel's client.

Of the two wire formats the elder is spoken, because every Jupyter server knows it: a text frame holds the
message as JSON; a message with buffers is a binary frame, a big-endian u32 count n, n u32 offsets from the
frame's start, then the JSON and the buffers (jupyter_server, services/kernels/connection/base.py).
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import aiohttp

from pool.errors import WarmFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_FRAME = 64 * 2**20
"""Bytes of one message; a kernel's output is collected in the gateway's own memory."""

MAX_RECEIVED = 256 * 2**20
"""Bytes received over one connection."""

PROTOCOL_VERSION = "5.3"


class Channel(StrEnum):
    """A kernel's sockets; requests go to `shell`, what a cell shows comes from `iopub`."""

    SHELL = "shell"
    IOPUB = "iopub"
    STDIN = "stdin"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a kernel. `parent` is the id of the request it belongs to, empty for none."""

    channel: str
    type: str
    parent: str
    content: Mapping[str, Any] = field(repr=False)
    buffers: tuple[bytes, ...] = field(repr=False, default=())

    @property
    def state(self) -> str:
        """What a `status` message says: `busy`, `idle`, …; empty for other messages."""
        return str(self.content.get("execution_state", "")) if self.type == "status" else ""


def decode(frame: str | bytes) -> Message:
    """Return the message of a websocket frame. Raises ValueError for anything that is none."""
    text: str | bytes = frame
    buffers: tuple[bytes, ...] = ()
    if isinstance(frame, bytes):
        text, *rest = _parts(frame)
        buffers = tuple(rest)
    try:
        raw = json.loads(text)
        return Message(
            channel=str(raw["channel"]),
            type=str(raw["header"]["msg_type"]),
            parent=str((raw["parent_header"] or {}).get("msg_id", "")),
            content={**raw["content"]},
            buffers=buffers,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a kernel message") from error


def _parts(frame: bytes) -> list[bytes]:
    try:
        (count,) = struct.unpack_from("!I", frame)
        head = 4 * (count + 1)
        if count == 0 or head > len(frame):
            raise ValueError("a binary frame with a wrong count")
        edges = [*struct.unpack_from(f"!{count}I", frame, 4), len(frame)]
    except struct.error as error:
        raise ValueError("a binary frame without a count") from error
    if edges[0] < head or edges != sorted(edges):
        raise ValueError("a binary frame with wrong offsets")
    return [frame[start:stop] for start, stop in pairwise(edges)]


def encode(
    channel: Channel, msg_type: str, content: Mapping[str, Any], *, msg_id: str, session: str, date: str
) -> str:
    """Return a request as a websocket text frame. `date` is ISO 8601."""
    header = {
        "msg_id": msg_id,
        "msg_type": msg_type,
        "session": session,
        "username": "",
        "version": PROTOCOL_VERSION,
        "date": date,
    }
    return json.dumps(
        {"channel": channel, "header": header, "parent_header": {}, "metadata": {}, "content": content}
    )


@dataclass(slots=True)
class Exchange:
    """One request: over when both its reply and its `idle` status have come, whichever is first."""

    msg_id: str
    reply: Message | None = None
    idle: bool = False

    def take(self, message: Message) -> None:
        """Look at a message of the kernel."""
        if message.parent != self.msg_id:
            return
        if message.channel == Channel.SHELL and message.type.endswith("_reply"):
            self.reply = message
        elif message.channel == Channel.IOPUB and message.state == "idle":
            self.idle = True


class KernelClient:
    """Speaks to one kernel over an open websocket, one request at a time. `session` is unique a connection:
    the server would replay an earlier one's messages to the same name.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._socket = socket
        self._session = session
        self._sent = 0
        self._received = 0

    async def request(
        self, msg_type: str, content: Mapping[str, Any], listen: Callable[[str, Message], None] | None = None
    ) -> Message:
        """Send a request on `shell` and return its reply once the kernel is idle again. `listen` gets the
        request's id and every message that comes meanwhile. Raises WarmFailed when the kernel or the
        connection ends; waits for ever otherwise: the limit is the caller's.
        """
        exchange = Exchange(await self.send(Channel.SHELL, msg_type, content))
        while exchange.reply is None or not exchange.idle:
            message = await self._receive()
            exchange.take(message)
            if message.channel == Channel.IOPUB and message.state in {"restarting", "dead"}:
                raise WarmFailed("the kernel ended")
            if message.type == "input_request":
                # Nobody is there to type. Kernels that know `allow_stdin` do not even ask.
                await self.send(Channel.STDIN, "input_reply", {"value": ""})
            if listen is not None:
                listen(exchange.msg_id, message)
        return exchange.reply

    async def send(self, channel: Channel, msg_type: str, content: Mapping[str, Any]) -> str:
        """Send a message and return its id."""
        self._sent += 1
        msg_id = f"{self._session}_{self._sent}"
        date = datetime.now(tz=UTC).isoformat()
        frame = encode(channel, msg_type, content, msg_id=msg_id, session=self._session, date=date)
        try:
            await self._socket.send_str(frame)
        except ConnectionError as error:
            raise WarmFailed("the kernel's connection broke") from error
        return msg_id

    async def _receive(self) -> Message:
        frame = await self._socket.receive()
        if frame.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
            raise WarmFailed(f"the kernel's connection ended ({frame.type.name.lower()})")
        self._received += len(frame.data)
        if self._received > MAX_RECEIVED:
            raise WarmFailed(f"the kernel sent more than {MAX_RECEIVED >> 20} MiB")
        try:
            return decode(frame.data)
        except ValueError as error:
            raise WarmFailed(f"the kernel's connection carried {error}") from error
