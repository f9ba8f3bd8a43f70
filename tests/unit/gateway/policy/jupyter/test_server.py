"""What the server says passes as it is, whatever it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.gateway.policy.jupyter import strict
from tests.unit.gateway.policy.jupyter.page import CELLS, FORMATS, Page, execute, head

if TYPE_CHECKING:
    from gateway.policy.verdict import Message

HEADER = json.dumps(head("execute_request")).encode()
CONTENT = json.dumps(execute(CELLS[0])).encode()
GOOD = strict.pack_v1(b"shell", HEADER, b"{}", b"{}", CONTENT)


@pytest.mark.parametrize("protocol", FORMATS)
@pytest.mark.parametrize(
    "message",
    [
        b"",
        "",
        "x",
        "{}",
        "[]",
        "comm_open",
        '{"header":{"msg_type":"comm_open"},"content":[],"channel":"iopub"}',
        '{"header":{"msg_type":["comm_open"]},"parent_header":1,"content":{},"channel":"iopub"}',
        b"\xff" * 100,
        GOOD[:-3],
        strict.pack_v1(b"iopub", b"[]", b"{}", b"{}", b"{}"),
        strict.pack_v1(b"iopub", b'{"msg_type":"comm_open"}', b"[]", b"{}", b"[]"),
        strict.pack_v1(b"iopub", b'{"msg_type":"comm_open"}', b"{}", b"{}", b"nonsense"),
        strict.pack_v1(b"iopub", b'{"msg_type":["status"]}', b"{}", b"{}", b"{}"),
        strict.pack_v1(b"\xff", b'{"msg_type":"comm_open"}', b"{}", b"{}", b"{}"),
        strict.pack_v1(b"iopub", b'{"msg_type":"status"}', b'{"msg_id":[1]}', b"{}", b"{}"),
    ],
)
def test_strange_bytes_of_the_server_pass_unchanged(protocol: str, message: Message) -> None:
    page = Page(protocol)
    assert page.conversation.from_instance(message).to_visitor == (message,)
    assert page.forwarded(page.run(CELLS[0]))


@pytest.mark.parametrize("protocol", FORMATS)
@pytest.mark.parametrize(
    ("channel", "kind", "content"),
    [
        ("iopub", "comm_open", {"comm_id": ["x"], "target_name": "jupyter.widget"}),
        ("iopub", "comm_open", {"comm_id": "x", "target_name": 1}),
        ("iopub", "comm_close", {"comm_id": {"x": 1}}),
        ("iopub", "comm_msg", {"comm_id": ["x"], "data": {"method": "update_states", "states": []}}),
        ("shell", "comm_info_reply", {"comms": ["x"]}),
        ("shell", "comm_info_reply", {"comms": {"x": 1}}),
        ("control", "create_subshell_reply", {"subshell_id": ["x"]}),
        ("iopub", "status", {"execution_state": ["restarting"]}),
    ],
)
def test_odd_messages_of_the_kernel_teach_nothing_and_pass(
    protocol: str, channel: str, kind: str, content: dict[str, Any]
) -> None:
    page = Page(protocol)
    page.say("control", "create_subshell_request")
    assert page.hears(channel, kind, content, parent=page.last).to_visitor
    assert page.is_refused(page.say("shell", "comm_msg", {"comm_id": "x", "data": {}}))


def test_an_unknown_subprotocol_lets_nothing_through() -> None:
    page = Page("v2.kernel.websocket.jupyter.org")
    assert page.conversation.from_visitor(GOOD).refused
    assert page.conversation.from_instance(GOOD).to_visitor == ()
