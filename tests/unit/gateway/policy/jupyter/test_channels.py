"""What each channel takes, besides cells and comms."""

from __future__ import annotations

import pytest

from gateway.policy.jupyter.limits import MAX_INPUT, MAX_SUBSHELLS
from tests.unit.gateway.policy.jupyter.page import FORMATS, Page, execute, head

pytestmark = pytest.mark.parametrize("protocol", FORMATS)


@pytest.mark.parametrize(
    ("channel", "msg_type"),
    [
        ("shell", "kernel_info_request"),
        ("shell", "comm_info_request"),
        ("control", "kernel_info_request"),
        ("control", "interrupt_request"),
        ("control", "list_subshell_request"),
        ("control", "create_subshell_request"),
    ],
)
def test_what_a_page_needs_passes_without_anything_in_it(protocol: str, channel: str, msg_type: str) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.say(channel, msg_type, {"evil": 1}))
    assert (seen.channel, seen.header["msg_type"], seen.content) == (channel, msg_type, {})


@pytest.mark.parametrize(
    ("channel", "msg_type"),
    [
        ("shell", "connect_request"),
        ("shell", "shutdown_request"),
        ("shell", "apply_request"),
        ("shell", "interrupt_request"),
        ("shell", "create_subshell_request"),
        ("shell", "debug_request"),
        ("shell", "usage_request"),
        ("shell", "clear_request"),
        ("shell", "abort_request"),
        ("shell", "execute_reply"),
        ("shell", "EXECUTE_REQUEST"),
        ("control", "execute_request"),
        ("control", "complete_request"),
        ("control", "inspect_request"),
        ("control", "history_request"),
        ("control", "is_complete_request"),
        ("control", "connect_request"),
        ("control", "shutdown_request"),
        ("control", "debug_request"),
        ("control", "usage_request"),
        ("control", "comm_info_request"),
        ("control", "comm_open"),
        ("control", "comm_msg"),
        ("iopub", "kernel_info_request"),
        ("stdin", "kernel_info_request"),
        ("stdin", "execute_request"),
        ("iopub", "comm_open"),
    ],
)
def test_all_else_is_refused(protocol: str, channel: str, msg_type: str) -> None:
    page = Page(protocol)
    assert page.is_refused(page.say(channel, msg_type))


@pytest.mark.parametrize(
    ("channel", "msg_type", "reply"),
    [
        ("shell", "shutdown_request", "shutdown_reply"),
        ("control", "shutdown_request", "shutdown_reply"),
        ("control", "usage_request", "usage_reply"),
        ("shell", "nobody_knows_request", "nobody_knows_reply"),
    ],
)
def test_a_refused_request_gets_one_reply_on_its_channel_and_one_idle(
    protocol: str, channel: str, msg_type: str, reply: str
) -> None:
    page = Page(protocol)
    verdict = page.say(channel, msg_type)
    assert page.answers(verdict) == [("iopub", "status"), (channel, reply), ("iopub", "status")]
    _, answer, idle = map(page.read, verdict.to_visitor)
    assert answer.content["status"] == "error"
    assert idle.content == {"execution_state": "idle"}


def test_the_debugger_evaluates_nothing(protocol: str) -> None:
    page = Page(protocol)
    evaluate = {"type": "request", "seq": 5, "command": "evaluate", "arguments": {"expression": "1+1"}}
    verdict = page.say("control", "debug_request", evaluate)
    assert page.is_refused(verdict)
    assert page.answers(verdict)[1] == ("control", "debug_reply")
    reply = page.read(verdict.to_visitor[1]).content
    assert (reply["success"], reply["request_seq"], reply["command"]) == (False, 5, "evaluate")


@pytest.mark.parametrize(
    ("msg_type", "content"),
    [
        ("complete_request", {"code": "imp", "cursor_pos": 3}),
        ("inspect_request", {"code": "n", "cursor_pos": 1, "detail_level": 0}),
        ("is_complete_request", {"code": "n"}),
        ("history_request", {"hist_access_type": "tail", "n": 10}),
    ],
)
def test_what_helps_with_writing_code_is_answered_with_nothing(
    protocol: str, msg_type: str, content: dict[str, object]
) -> None:
    page = Page(protocol)
    verdict = page.say("shell", msg_type, content)
    assert not verdict.to_instance
    assert not verdict.refused
    assert [kind for _, kind in page.answers(verdict)] == [
        "status",
        msg_type.replace("request", "reply"),
        "status",
    ]


def test_a_line_is_typed_only_where_a_cell_asks_for_one_and_once(protocol: str) -> None:
    page = Page(protocol)
    assert page.is_refused(page.say("stdin", "input_reply", {"value": "x"}))
    page.hears("stdin", "input_request", {"prompt": "name? ", "password": False})
    (seen,) = page.forwarded(page.say("stdin", "input_reply", {"status": "ok", "value": "x", "evil": 1}))
    assert (seen.channel, seen.content) == ("stdin", {"status": "ok", "value": "x"})
    assert page.is_refused(page.say("stdin", "input_reply", {"value": "y"}))


@pytest.mark.parametrize("value", [None, 1, ["x"], "x" * (MAX_INPUT + 1)])
def test_a_typed_line_is_a_line(protocol: str, value: object) -> None:
    page = Page(protocol)
    page.hears("stdin", "input_request", {"prompt": ""})
    assert page.is_refused(page.say("stdin", "input_reply", {"value": value}))


def test_an_input_request_on_another_channel_asks_for_nothing(protocol: str) -> None:
    page = Page(protocol)
    page.hears("iopub", "input_request", {"prompt": ""})
    assert page.is_refused(page.say("stdin", "input_reply", {"value": "x"}))


def test_a_flood_of_subshells_ends_at_their_number_and_each_that_ends_makes_room(protocol: str) -> None:
    page = Page(protocol)
    for number in range(MAX_SUBSHELLS):
        assert page.forwarded(page.say("control", "create_subshell_request"))
        page.hears("control", "create_subshell_reply", {"subshell_id": f"sub-{number}"}, parent=page.last)
    verdict = page.say("control", "create_subshell_request")
    assert page.is_refused(verdict)
    assert page.answers(verdict)[1] == ("control", "create_subshell_reply")
    assert page.forwarded(page.say("control", "delete_subshell_request", {"subshell_id": "sub-0"}))
    assert page.forwarded(page.say("control", "create_subshell_request"))


def test_subshells_nobody_has_answered_for_yet_count(protocol: str) -> None:
    page = Page(protocol)
    for _ in range(MAX_SUBSHELLS):
        page.say("control", "create_subshell_request")
    assert page.is_refused(page.say("control", "create_subshell_request"))


def test_an_id_asks_for_one_subshell_at_a_time(protocol: str) -> None:
    page = Page(protocol)
    again = [
        page.pack(
            "control", head("create_subshell_request", msg_id="same", date=f"2026-01-02T03:04:0{second}Z")
        )
        for second in range(5)
    ]
    assert [len(page.forwarded(page.send(each))) for each in again] == [1, 0, 0, 0, 0]
    page.hears("control", "create_subshell_reply", {"subshell_id": "sub-1"}, parent="same")
    assert page.forwarded(page.send(again[0]))


def test_a_kernel_that_starts_again_has_no_subshells(protocol: str) -> None:
    page = Page(protocol)
    for _ in range(MAX_SUBSHELLS):
        page.say("control", "create_subshell_request")
    page.hears("iopub", "status", {"execution_state": "restarting"})
    assert page.forwarded(page.say("control", "create_subshell_request"))


def test_only_a_subshell_of_the_kernel_can_be_ended(protocol: str) -> None:
    page = Page(protocol)
    for name in ("x", "", None, 1, ["sub"]):
        assert page.is_refused(page.say("control", "delete_subshell_request", {"subshell_id": name}))


def test_a_subshell_the_kernel_does_not_have_gives_way_to_the_main_thread(protocol: str) -> None:
    page = Page(protocol)
    page.say("control", "create_subshell_request")
    page.hears("control", "create_subshell_reply", {"subshell_id": "sub-1"}, parent=page.last)
    (known,) = page.forwarded(page.say("shell", "comm_info_request", subshell_id="sub-1"))
    (unknown,) = page.forwarded(page.say("shell", "comm_info_request", subshell_id="sub-2"))
    assert known.header["subshell_id"] == "sub-1"
    assert "subshell_id" not in unknown.header


def test_a_subshell_another_client_was_given_is_not_ours(protocol: str) -> None:
    page = Page(protocol)
    page.hears("control", "create_subshell_reply", {"subshell_id": "sub-1"}, parent="of-another")
    assert page.is_refused(page.say("control", "delete_subshell_request", {"subshell_id": "sub-1"}))


def test_one_socket_speaks_for_one_client(protocol: str) -> None:
    page = Page(protocol)
    page.say("shell", "kernel_info_request")
    assert page.is_refused(page.say("shell", "kernel_info_request", session="another"))
    assert page.forwarded(page.say("shell", "kernel_info_request"))


def test_a_shutdown_reply_confuses_nobody(protocol: str) -> None:
    page = Page(protocol)
    page.hears("control", "shutdown_reply", {"status": "ok", "restart": True})
    page.hears("iopub", "shutdown_reply", {"status": "ok", "restart": True})
    assert page.forwarded(page.run("n = 6"))


def test_the_gateway_asks_once_which_comms_there_are_and_keeps_the_answer_from_the_page(
    protocol: str,
) -> None:
    page = Page(protocol)
    first = page.run("n = 6")
    question = page.read(first.to_instance[0])
    assert (question.channel, question.header["msg_type"]) == ("shell", "comm_info_request")
    assert len(page.run("n = 6").to_instance) == 1
    asked = question.header["msg_id"]
    assert not page.hears("iopub", "status", {"execution_state": "busy"}, parent=asked).to_visitor
    comms = {"old-comm": {"target_name": "jupyter.widget"}}
    assert not page.hears("shell", "comm_info_reply", {"comms": comms}, parent=asked).to_visitor
    update = {"comm_id": "old-comm", "data": {"method": "update", "state": {"value": 1}}}
    assert page.forwarded(page.say("shell", "comm_msg", update))


def test_a_page_cannot_ask_in_the_gateways_name(protocol: str) -> None:
    page = Page(protocol)
    message = page.pack(
        "shell",
        {**page.read(page.run("n = 6").to_instance[0]).header, "session": "s-1"},
        execute("n = 6"),
    )
    assert page.is_refused(page.send(message))


def test_no_two_questions_of_the_gateway_are_alike_because_a_kernel_takes_no_message_twice(
    protocol: str,
) -> None:
    first, second = Page(protocol), Page(protocol)
    asked = [
        page.send(page.pack("shell", head("kernel_info_request", msg_id=name))).to_instance[0]
        for page, name in ((first, "a"), (second, "b"))
    ]
    assert asked[0] != asked[1]
