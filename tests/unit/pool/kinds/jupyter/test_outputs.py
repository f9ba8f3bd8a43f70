"""What cells show, out of the messages a kernel sends."""

from __future__ import annotations

from typing import Any

import pytest

from pool.kinds.jupyter.kernel import Message
from pool.kinds.jupyter.outputs import Outputs

CELL = "r1"


def said(msg_type: str, content: dict[str, Any], *, parent: str = CELL) -> Message:
    return Message("iopub", msg_type, parent, content)


def printed(text: str, *, name: str = "stdout", parent: str = CELL) -> Message:
    return said("stream", {"name": name, "text": text}, parent=parent)


def displayed(text: str, *, display_id: str | None = None) -> Message:
    transient = {"display_id": display_id} if display_id else {}
    return said("display_data", {"data": {"text/plain": text}, "metadata": {}, "transient": transient})


def shown(*messages: Message, request: str = CELL) -> list[dict[str, Any]]:
    outputs = Outputs()
    for message in messages:
        outputs.take(request, message)
    return outputs.of(request)


def entered(comm_id: str, request: str = CELL) -> Message:
    return said("comm_msg", {"comm_id": comm_id, "data": {"method": "update", "state": {"msg_id": request}}})


def left(comm_id: str) -> Message:
    return entered(comm_id, "")


def opened(comm_id: str, model: str = "OutputModel") -> Message:
    return said("comm_open", {"comm_id": comm_id, "data": {"state": {"_model_name": model, "msg_id": ""}}})


def caught(outputs: Outputs) -> dict[str, list[dict[str, Any]]]:
    return {update["comm_id"]: update["data"]["state"]["outputs"] for update in outputs.widget_updates()}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def test_every_sort_of_output_becomes_its_nbformat_form() -> None:
    assert shown(
        printed("a"),
        displayed("b"),
        said("execute_result", {"data": {"text/plain": "c"}, "metadata": {"m": 1}, "execution_count": 3}),
        said("error", {"ename": "E", "evalue": "v", "traceback": ["t"]}),
    ) == [
        stream("a"),
        {"output_type": "display_data", "data": {"text/plain": "b"}, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "c"},
            "metadata": {"m": 1},
            "execution_count": 3,
        },
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
    ]


def test_text_of_one_stream_is_one_output_until_another_comes_between() -> None:
    assert shown(printed("a"), printed("b"), printed("!", name="stderr"), printed("c")) == [
        stream("ab"),
        stream("!", "stderr"),
        stream("c"),
    ]


def test_clearing_empties_at_once() -> None:
    assert shown(printed("a"), said("clear_output", {"wait": False})) == []


def test_clearing_with_wait_empties_when_something_new_comes() -> None:
    cleared = (printed("a"), said("clear_output", {"wait": True}))
    assert shown(*cleared) == [stream("a")]
    assert shown(*cleared, printed("b"), printed("c")) == [stream("bc")]


def test_a_display_is_updated_wherever_it_was_shown() -> None:
    outputs = Outputs()
    outputs.take("r1", displayed("old", display_id="d"))
    new = {"data": {"text/plain": "new"}, "metadata": {"m": 1}, "transient": {"display_id": "d"}}
    outputs.take("r2", said("update_display_data", new, parent="r2"))
    assert outputs.of("r1") == [
        {"output_type": "display_data", "data": {"text/plain": "new"}, "metadata": {"m": 1}}
    ]
    assert outputs.of("r2") == []


def test_what_a_thread_prints_later_goes_to_the_cell_that_started_it() -> None:
    outputs = Outputs()
    outputs.take("r1", printed("first"))
    outputs.take("r2", printed(" late"))
    assert outputs.of("r1") == [stream("first late")]
    assert outputs.of("r2") == []


@pytest.mark.parametrize(
    "message",
    [
        printed("x", parent="somebody else"),
        Message("shell", "stream", CELL, {"name": "stdout", "text": "x"}),
        said("status", {"execution_state": "busy"}),
        said("execute_input", {"code": "x"}),
        said("update_display_data", {"data": {}, "transient": {"display_id": "unknown"}}),
    ],
)
def test_other_messages_show_nothing(message: Message) -> None:
    assert shown(message) == []


def test_an_output_widget_catches_what_is_shown_while_it_is_entered() -> None:
    outputs = Outputs()
    for message in (opened("w"), entered("w"), printed("in"), left("w"), printed("out")):
        outputs.take(CELL, message)
    assert outputs.of(CELL) == [stream("out")]
    assert caught(outputs) == {"w": [stream("in")]}


def test_a_widgets_catch_is_told_once() -> None:
    outputs = Outputs()
    for message in (opened("w"), entered("w"), printed("in")):
        outputs.take(CELL, message)
    assert caught(outputs) != {}
    assert caught(outputs) == {}


def test_the_inner_of_two_output_widgets_catches_first() -> None:
    outputs = Outputs()
    script = (
        *(opened("a"), opened("b"), entered("a"), printed("1"), entered("b"), printed("2")),
        *(left("b"), printed("3"), left("a"), printed("4")),
    )
    for message in script:
        outputs.take(CELL, message)
    assert caught(outputs) == {"a": [stream("13")], "b": [stream("2")]}
    assert outputs.of(CELL) == [stream("4")]


def test_clearing_inside_an_output_widget_leaves_the_cell_alone() -> None:
    outputs = Outputs()
    script = (
        *(printed("cell"), opened("w"), entered("w"), printed("old")),
        *(said("clear_output", {"wait": True}), printed("new")),
    )
    for message in script:
        outputs.take(CELL, message)
    assert caught(outputs) == {"w": [stream("new")]}
    assert outputs.of(CELL) == [stream("cell")]


def test_a_display_caught_by_a_widget_is_told_again_after_an_update() -> None:
    outputs = Outputs()
    for message in (opened("w"), entered("w"), displayed("old", display_id="d")):
        outputs.take(CELL, message)
    assert caught(outputs)["w"][0]["data"] == {"text/plain": "old"}
    new = {"data": {"text/plain": "new"}, "metadata": {}, "transient": {"display_id": "d"}}
    outputs.take(CELL, said("update_display_data", new))
    assert caught(outputs)["w"][0]["data"] == {"text/plain": "new"}


@pytest.mark.parametrize(
    "message",
    [
        opened("w", model="IntSliderModel"),
        entered("never opened"),
        said("comm_msg", {"comm_id": "w", "data": {"method": "echo_update", "state": {"msg_id": CELL}}}),
        said("comm_msg", {"comm_id": "w", "data": None}),
    ],
)
def test_only_an_output_widget_that_was_entered_catches(message: Message) -> None:
    outputs = Outputs()
    for each in (opened("o"), message, printed("x")):
        outputs.take(CELL, each)
    assert outputs.of(CELL) == [stream("x")]


def test_a_closed_output_widget_catches_nothing_more() -> None:
    outputs = Outputs()
    for message in (opened("w"), entered("w"), said("comm_close", {"comm_id": "w"}), printed("x")):
        outputs.take(CELL, message)
    assert outputs.of(CELL) == [stream("x")]


@pytest.mark.parametrize("msg_type", ["stream", "display_data", "execute_result", "error", "comm_open"])
def test_a_message_of_a_wrong_shape_breaks_nothing(msg_type: str) -> None:
    outputs = Outputs()
    outputs.take(CELL, said(msg_type, {}))
    outputs.take(CELL, said(msg_type, {"data": 3, "text": 4, "traceback": None, "transient": []}))
    assert caught(outputs) == {}
