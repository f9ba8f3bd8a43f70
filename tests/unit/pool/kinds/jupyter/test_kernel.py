"""The kernel protocol on a websocket: frames, exchanges, and a client whose socket is a script."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.errors import WarmFailed
from pool.kinds.jupyter import kernel as jupyter_kernel
from pool.kinds.jupyter.kernel import Channel, Exchange, KernelClient, Message, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable


def raw(
    msg_type: str, content: dict[str, Any] | None = None, *, channel: str = "iopub", parent: str = ""
) -> str:
    header = {"msg_id": "k", "msg_type": msg_type, "session": "s", "username": "", "version": "5.3"}
    parent_header = {"msg_id": parent} if parent else {}
    return json.dumps(
        {
            "channel": channel,
            "header": header,
            "parent_header": parent_header,
            "metadata": {},
            "content": content or {},
        }
    )


def binary(*parts: bytes) -> bytes:
    edges = [4 * (len(parts) + 1)]
    for part in parts[:-1]:
        edges.append(edges[-1] + len(part))
    return struct.pack(f"!I{len(parts)}I", len(parts), *edges) + b"".join(parts)


class ScriptedSocket:
    """Answers each sent frame with the frames `script` returns for it, then closes."""

    def __init__(self, script: Callable[[dict[str, Any]], list[str | bytes]]) -> None:
        self.sent: list[dict[str, Any]] = []
        self._script = script
        self._coming: list[str | bytes] = []

    async def send_str(self, frame: str) -> None:
        message = json.loads(frame)
        self.sent.append(message)
        self._coming += self._script(message)

    async def receive(self) -> aiohttp.WSMessage:
        if not self._coming:
            return aiohttp.WSMessage(aiohttp.WSMsgType.CLOSED, None, None)
        frame = self._coming.pop(0)
        kind = aiohttp.WSMsgType.TEXT if isinstance(frame, str) else aiohttp.WSMsgType.BINARY
        return aiohttp.WSMessage(kind, frame, None)


def client(script: Callable[[dict[str, Any]], list[str | bytes]]) -> tuple[KernelClient, ScriptedSocket]:
    socket = ScriptedSocket(script)
    return KernelClient(cast("aiohttp.ClientWebSocketResponse", socket), "me"), socket


def answered(message: dict[str, Any], *between: str | bytes) -> list[str | bytes]:
    parent = message["header"]["msg_id"]
    return [
        raw("status", {"execution_state": "busy"}, parent=parent),
        *between,
        raw("status", {"execution_state": "idle"}, parent=parent),
        raw("execute_reply", {"status": "ok"}, channel="shell", parent=parent),
    ]


def test_a_text_frame_is_one_message() -> None:
    message = decode(raw("stream", {"name": "stdout", "text": "hi"}, parent="r1"))
    assert (message.channel, message.type, message.parent) == ("iopub", "stream", "r1")
    assert message.content == {"name": "stdout", "text": "hi"}
    assert message.buffers == ()


def test_a_binary_frame_carries_its_buffers() -> None:
    message = decode(binary(raw("comm_open").encode(), b"one", b"", b"three"))
    assert message.type == "comm_open"
    assert message.buffers == (b"one", b"", b"three")


def test_a_message_without_a_parent_belongs_to_no_request() -> None:
    assert decode(raw("status")).parent == ""
    assert decode(raw("status").replace('"parent_header": {}', '"parent_header": null')).parent == ""


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        "{}",
        '"text"',
        '{"channel": "iopub", "header": null, "parent_header": {}, "content": {}}',
        '{"channel": "iopub", "header": {"msg_type": "x"}, "parent_header": [1], "content": {}}',
        '{"channel": "iopub", "header": {"msg_type": "x"}, "parent_header": {}, "content": null}',
        b"",
        b"\0\0\0",
        struct.pack("!I", 0),
        struct.pack("!II", 1, 4) + b"{}",
        struct.pack("!II", 1, 99) + b"{}",
        struct.pack("!I", 2**32 - 1) + b"{}",
        struct.pack("!III", 2, 14, 12) + b"{}",
        "[" * 100_000,
    ],
)
def test_what_is_no_message_is_a_value_error(frame: str | bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        decode(frame)


@given(st.one_of(st.binary(), st.text(), st.binary().map(lambda rest: struct.pack("!II", 1, 8) + rest)))
def test_no_frame_fails_in_another_way(frame: str | bytes) -> None:
    try:
        decode(frame)
    except ValueError:
        return


def test_a_sent_frame_says_who_and_what() -> None:
    frame = json.loads(
        encode(Channel.SHELL, "execute_request", {"code": "1"}, msg_id="r1", session="me", date="now")
    )
    assert frame["channel"] == "shell"
    assert frame["content"] == {"code": "1"}
    assert frame["header"] == {
        "msg_id": "r1",
        "msg_type": "execute_request",
        "session": "me",
        "username": "",
        "version": "5.3",
        "date": "now",
    }


REPLY = Message(Channel.SHELL, "execute_reply", "r1", {})
IDLE = Message(Channel.IOPUB, "status", "r1", {"execution_state": "idle"})


@pytest.mark.parametrize("order", [(REPLY, IDLE), (IDLE, REPLY)])
def test_an_exchange_is_over_with_reply_and_idle_in_either_order(order: tuple[Message, Message]) -> None:
    exchange = Exchange("r1")
    exchange.take(order[0])
    assert exchange.reply is None or not exchange.idle
    exchange.take(order[1])
    assert exchange.reply is REPLY
    assert exchange.idle


@pytest.mark.parametrize(
    "message",
    [
        Message(Channel.SHELL, "execute_reply", "other", {}),
        Message(Channel.IOPUB, "status", "other", {"execution_state": "idle"}),
        Message(Channel.IOPUB, "status", "r1", {"execution_state": "busy"}),
        Message(Channel.IOPUB, "execute_reply", "r1", {}),
        Message(Channel.CONTROL, "execute_reply", "r1", {}),
    ],
)
def test_other_messages_do_not_end_an_exchange(message: Message) -> None:
    exchange = Exchange("r1")
    exchange.take(message)
    assert exchange.reply is None
    assert not exchange.idle


async def test_a_request_returns_its_reply_and_shows_what_came_between() -> None:
    kernel, socket = client(lambda sent: answered(sent, raw("stream", {"text": "x"}, parent="me_1")))
    seen: list[tuple[str, str]] = []
    reply = await kernel.request(
        "execute_request", {"code": "1"}, lambda request, message: seen.append((request, message.type))
    )
    assert reply.content == {"status": "ok"}
    assert [kind for _, kind in seen] == ["status", "stream", "status", "execute_reply"]
    assert {request for request, _ in seen} == {socket.sent[0]["header"]["msg_id"]} == {"me_1"}


async def test_each_message_has_an_id_of_its_own() -> None:
    kernel, socket = client(answered)
    await kernel.request("execute_request", {})
    await kernel.request("execute_request", {})
    assert len({sent["header"]["msg_id"] for sent in socket.sent}) == 2


async def test_a_kernel_that_asks_for_input_gets_an_empty_line() -> None:
    def script(sent: dict[str, Any]) -> list[str | bytes]:
        if sent["header"]["msg_type"] == "execute_request":
            return [raw("input_request", {"prompt": "?"}, channel="stdin", parent="me_1")]
        return answered({"header": {"msg_id": "me_1"}})

    kernel, socket = client(script)
    await kernel.request("execute_request", {})
    assert socket.sent[1]["channel"] == "stdin"
    assert socket.sent[1]["content"] == {"value": ""}


@pytest.mark.parametrize("state", ["restarting", "dead"])
async def test_a_kernel_that_ends_fails_the_request(state: str) -> None:
    kernel, _ = client(lambda _: [raw("status", {"execution_state": state})])
    with pytest.raises(WarmFailed, match="the kernel ended"):
        await kernel.request("execute_request", {})


async def test_a_connection_that_ends_fails_the_request() -> None:
    kernel, _ = client(lambda _: [])
    with pytest.raises(WarmFailed, match=r"connection ended \(closed\)"):
        await kernel.request("execute_request", {})


async def test_a_connection_that_carries_something_else_fails_the_request() -> None:
    kernel, _ = client(lambda _: ["[]"])
    with pytest.raises(WarmFailed, match="not a kernel message"):
        await kernel.request("execute_request", {})


async def test_a_kernel_may_not_send_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter_kernel, "MAX_RECEIVED", 10)
    kernel, _ = client(answered)
    with pytest.raises(WarmFailed, match="sent more than"):
        await kernel.request("execute_request", {})


async def test_a_connection_that_breaks_while_sending_fails_the_request() -> None:
    def broken(_: dict[str, Any]) -> list[str | bytes]:
        raise ConnectionResetError

    kernel, _ = client(broken)
    with pytest.raises(WarmFailed, match="connection broke"):
        await kernel.request("execute_request", {})
