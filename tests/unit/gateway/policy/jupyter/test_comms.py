"""What a reader's page may say to widgets and other comms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.policy.jupyter.limits import MAX_COMMS, MAX_CONTROLS, MAX_OPENED
from tests.unit.gateway.policy.jupyter.page import FORMATS, Page

if TYPE_CHECKING:
    from gateway.policy.verdict import Verdict

pytestmark = pytest.mark.parametrize("protocol", FORMATS)

CONTROL = "jupyter.widget.control"


def update(comm: Any = "w-1", **state: Any) -> dict[str, Any]:
    return {"comm_id": comm, "data": {"method": "update", "state": state, "buffer_paths": []}}


def opening(comm: Any = "c-1", target: Any = CONTROL, data: Any = None) -> dict[str, Any]:
    return {"comm_id": comm, "target_name": target, "data": {} if data is None else data}


def test_a_slider_that_the_kernel_made_can_be_moved(protocol: str) -> None:
    page = Page(protocol)
    page.announces("w-1")
    verdict = page.say("shell", "comm_msg", update(value=9))
    (seen,) = page.forwarded(verdict)
    assert seen.content == update(value=9)
    assert verdict.active


@pytest.mark.parametrize(
    "data", [{"method": "custom", "content": {"event": "click"}}, {"method": "request_state"}]
)
def test_a_button_can_be_pressed_and_a_widget_asked_for_its_state(
    protocol: str, data: dict[str, Any]
) -> None:
    page = Page(protocol)
    page.announces("w-1")
    assert page.forwarded(page.say("shell", "comm_msg", {"comm_id": "w-1", "data": data}))


def test_a_file_is_handed_over_with_its_bytes(protocol: str) -> None:
    page = Page(protocol)
    page.announces("w-1")
    (seen,) = page.forwarded(page.say("shell", "comm_msg", update(value={}), buffers=(b"\0\xff", b"")))
    assert seen.buffers == [b"\0\xff", b""]


@pytest.mark.parametrize("comm", ["w-2", "", None, 1, ["w-1"], {"w-1": 1}, "W-1", "w-1 ", "w-1\0"])
def test_a_comm_the_kernel_never_named_is_refused(protocol: str, comm: Any) -> None:
    page = Page(protocol)
    page.announces("w-1")
    for kind, content in (("comm_msg", update(comm)), ("comm_close", {"comm_id": comm, "data": {}})):
        verdict = page.say("shell", kind, content)
        assert page.is_refused(verdict)
        assert page.answers(verdict) == [("iopub", "status"), ("iopub", "status")]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "update",
        {},
        {"method": "backbone"},
        {"method": "echo_update", "state": {}},
        {"method": "request_states"},
        {"method": ["update"]},
        {"method": "update", "state": []},
        {"method": "update ", "state": {}},
    ],
)
def test_a_widget_is_told_nothing_else(protocol: str, data: Any) -> None:
    page = Page(protocol)
    page.announces("w-1")
    assert page.is_refused(page.say("shell", "comm_msg", {"comm_id": "w-1", "data": data}))


def test_a_comm_of_the_authors_own_is_told_whatever_its_page_says(protocol: str) -> None:
    page = Page(protocol)
    page.announces("hv-1", "hv-extension-comm")
    assert page.forwarded(page.say("shell", "comm_msg", {"comm_id": "hv-1", "data": {"x": [1.5, None]}}))
    assert page.is_refused(page.say("shell", "comm_msg", {"comm_id": "hv-1", "data": "text"}))


@pytest.mark.parametrize(
    "target",
    ["jupyter.widget", "jupyter.widget.version", "jupyter.widget.control ", "hv-extension-comm", "", None, 1],
)
def test_a_page_opens_no_comm_that_would_make_something_in_the_kernel(protocol: str, target: Any) -> None:
    page = Page(protocol)
    data = {"state": {"_model_module": "@jupyter-widgets/controls", "_model_name": "IntSliderModel"}}
    assert page.is_refused(page.say("shell", "comm_open", opening(target=target, data=data)))
    assert page.is_refused(page.say("shell", "comm_open", opening(target=target)))
    assert page.is_refused(page.say("shell", "comm_msg", update("c-1")))


def test_a_page_opens_the_comm_that_tells_of_all_widgets_and_learns_their_names(protocol: str) -> None:
    page = Page(protocol)
    content = {**opening(), "target_module": "evil"}
    (seen,) = page.forwarded(page.say("shell", "comm_open", content, metadata={"version": "1.0.0"}))
    assert seen.content == opening()
    assert seen.metadata == {"version": "1.0.0"}
    ask = {"comm_id": "c-1", "data": {"method": "request_states"}}
    assert page.forwarded(page.say("shell", "comm_msg", ask))
    states = {"w-7": {"model_name": "IntSliderModel", "state": {}}}
    page.hears("iopub", "comm_msg", {"comm_id": "c-1", "data": {"method": "update_states", "states": states}})
    assert page.forwarded(page.say("shell", "comm_msg", update("w-7", value=1)))
    assert page.forwarded(page.say("shell", "comm_close", {"comm_id": "c-1", "data": {}}))
    assert page.is_refused(page.say("shell", "comm_msg", ask))


def test_states_that_another_comm_tells_name_no_widget(protocol: str) -> None:
    page = Page(protocol)
    page.announces("w-1")
    told = {"comm_id": "w-1", "data": {"method": "update_states", "states": {"w-7": {}}}}
    page.hears("iopub", "comm_msg", told)
    assert page.is_refused(page.say("shell", "comm_msg", update("w-7", value=1)))


@pytest.mark.parametrize("data", [{"method": "update", "state": {}}, {"method": "custom"}, {}])
def test_the_comm_that_tells_of_all_widgets_takes_no_other_question(protocol: str, data: Any) -> None:
    page = Page(protocol)
    page.say("shell", "comm_open", opening())
    assert page.is_refused(page.say("shell", "comm_msg", {"comm_id": "c-1", "data": data}))


@pytest.mark.parametrize("comm", ["w-1", "", None, 1, "x" * 65, "a b", "a\n"])
def test_a_comm_is_opened_under_a_name_of_its_own(protocol: str, comm: Any) -> None:
    page = Page(protocol)
    page.announces("w-1")
    assert page.is_refused(page.say("shell", "comm_open", opening(comm)))


def test_a_comm_is_opened_without_data(protocol: str) -> None:
    page = Page(protocol)
    assert page.is_refused(page.say("shell", "comm_open", opening(data={"x": 1})))


@pytest.mark.parametrize("version", ["1.0.0; x", "\u0661.\u0660.\u0660", "1.", "", 1])
def test_a_version_that_is_none_goes_no_further(protocol: str, version: Any) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.say("shell", "comm_open", opening(), metadata={"version": version}))
    assert seen.metadata == {}


def commanded(page: Page, verdict: Verdict, comms: list[str]) -> None:
    """Do with the kernel's comms what it is told to."""
    for seen in map(page.read, verdict.to_instance):
        match seen.header["msg_type"]:
            case "comm_open":
                comms.append(seen.content["comm_id"])
            case "comm_close":
                comms.remove(seen.content["comm_id"])


def test_pages_that_come_and_go_all_learn_of_the_widgets_and_leave_few_comms_open(protocol: str) -> None:
    first = Page(protocol)
    comms: list[str] = []
    for number in range(3 * MAX_CONTROLS):
        page = Page(protocol, first.policy, first.clock)
        verdict = page.say("shell", "comm_open", opening(f"c-{number}"))
        commanded(page, verdict, comms)
        assert page.forwarded(verdict)[-1].content == opening(f"c-{number}")
        ask = {"comm_id": f"c-{number}", "data": {"method": "request_states"}}
        assert page.forwarded(page.say("shell", "comm_msg", ask))
        # The newest, because a kernel answers on no other.
        assert comms == [f"c-{each}" for each in range(number + 1)][-MAX_CONTROLS:]


def test_a_comm_that_its_page_closes_makes_room(protocol: str) -> None:
    page = Page(protocol)
    comms: list[str] = []
    for number in range(3 * MAX_CONTROLS):
        commanded(page, page.say("shell", "comm_open", opening(f"c-{number}")), comms)
        if number:
            closing = page.say("shell", "comm_close", {"comm_id": f"c-{number}", "data": {}})
            commanded(page, closing, comms)
    assert comms == ["c-0"]


def test_comms_of_pages_that_were_there_before_the_gateway_are_closed_too(protocol: str) -> None:
    page = Page(protocol)
    before = [f"old-{number}" for number in range(2 * MAX_CONTROLS)]
    comms = list(before)
    page.hears("shell", "comm_info_reply", {"comms": {name: {"target_name": CONTROL} for name in before}})
    for number in range(2):
        commanded(page, page.say("shell", "comm_open", opening(f"c-{number}")), comms)
    assert len(comms) == MAX_CONTROLS
    assert comms[-2:] == ["c-0", "c-1"]


def test_a_name_that_a_page_has_used_is_not_new_again(protocol: str) -> None:
    page = Page(protocol)
    page.say("shell", "comm_open", opening())
    page.say("shell", "comm_close", {"comm_id": "c-1", "data": {}})
    assert page.is_refused(page.say("shell", "comm_open", opening()))


def test_a_closed_comm_that_the_kernel_lists_a_moment_late_stays_closed(protocol: str) -> None:
    page = Page(protocol)
    page.say("shell", "comm_open", opening())
    page.say("shell", "comm_close", {"comm_id": "c-1", "data": {}})
    page.hears("shell", "comm_info_reply", {"comms": {"c-1": {"target_name": CONTROL}}})
    ask = {"comm_id": "c-1", "data": {"method": "request_states"}}
    assert page.is_refused(page.say("shell", "comm_msg", ask))


def test_pages_without_end_get_no_more_comms_and_are_told_at_once(protocol: str) -> None:
    page = Page(protocol)
    for number in range(MAX_OPENED):
        page.clock.now += 1
        assert page.forwarded(page.say("shell", "comm_open", opening(f"c-{number}")))
    verdict = page.say("shell", "comm_open", opening("one-more"))
    assert page.is_refused(verdict)
    assert page.answers(verdict) == [("iopub", "status"), ("iopub", "comm_close"), ("iopub", "status")]
    told = [page.read(each) for each in verdict.to_visitor]
    assert told[1].content == {"comm_id": "one-more", "data": {}}


def test_a_comm_is_closed_on_the_thread_that_opens_the_next_and_the_page_hears_nothing_of_it(
    protocol: str,
) -> None:
    page = Page(protocol)
    page.say("control", "create_subshell_request")
    page.hears("control", "create_subshell_reply", {"subshell_id": "sub-1"}, parent=page.last)
    names = {
        seen.header["msg_id"]
        for number in range(MAX_CONTROLS + 3)
        for seen in map(
            page.read,
            page.say("shell", "comm_open", opening(f"c-{number}"), subshell_id="sub-1").to_instance,
        )
        if seen.header["msg_type"] == "comm_close" and seen.header["subshell_id"] == "sub-1"
    }
    assert len(names) == 3
    for name in names:
        assert not page.hears("iopub", "status", {"execution_state": "idle"}, parent=name).to_visitor


def test_comms_the_kernel_lists_are_announced(protocol: str) -> None:
    page = Page(protocol)
    page.hears(
        "shell", "comm_info_reply", {"status": "ok", "comms": {"w-5": {"target_name": "jupyter.widget"}}}
    )
    assert page.forwarded(page.say("shell", "comm_msg", update("w-5", value=1)))


@pytest.mark.parametrize(("channel", "kind"), [("shell", "comm_open"), ("iopub", "comm_info_reply")])
def test_what_the_kernel_says_elsewhere_announces_nothing(protocol: str, channel: str, kind: str) -> None:
    page = Page(protocol)
    content = {"comm_id": "w-5", "target_name": "jupyter.widget", "comms": {"w-5": {"target_name": "x"}}}
    page.hears(channel, kind, content)
    assert page.is_refused(page.say("shell", "comm_msg", update("w-5", value=1)))


def test_a_comm_the_kernel_has_closed_is_gone(protocol: str) -> None:
    page = Page(protocol)
    page.announces("w-1")
    page.hears("iopub", "comm_close", {"comm_id": "w-1", "data": {}})
    assert page.is_refused(page.say("shell", "comm_msg", update(value=1)))


def test_a_page_that_connects_again_goes_on_with_its_widgets(protocol: str) -> None:
    first = Page(protocol)
    first.announces("w-1")
    second = Page(protocol, first.policy, first.clock)
    assert second.forwarded(second.say("shell", "comm_msg", update(value=1)))


def test_a_kernel_that_makes_comms_without_end_is_remembered_in_part(protocol: str) -> None:
    page = Page(protocol)
    comms = {f"w-{number}": {"target_name": "jupyter.widget"} for number in range(MAX_COMMS + 1)}
    page.hears("shell", "comm_info_reply", {"comms": comms})
    assert page.is_refused(page.say("shell", "comm_msg", update("w-0", value=1)))
    assert page.forwarded(page.say("shell", "comm_msg", update(f"w-{MAX_COMMS}", value=1)))


@pytest.mark.parametrize("target", [None, 1, "jupyter.widget"])
def test_a_question_for_comms_carries_a_target_or_nothing(protocol: str, target: Any) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.say("shell", "comm_info_request", {"target_name": target, "evil": 1}))
    assert seen.content == ({"target_name": target} if isinstance(target, str) else {})
