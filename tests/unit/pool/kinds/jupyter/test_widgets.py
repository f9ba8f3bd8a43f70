"""How a kernel's widgets look, from what it says of them."""

from __future__ import annotations

from typing import Any

from pool.kinds.jupyter.kernel import Message
from pool.kinds.jupyter.preview import preview_of
from pool.kinds.jupyter.widgets import DEEPEST, MOST_PARTS, VIEW, Widgets
from pool.kinds.preview import STDOUT


def opened(name: str, target: str = "jupyter.widget", **state: Any) -> Message:
    content = {"comm_id": name, "target_name": target, "data": {"state": state}}
    return Message("iopub", "comm_open", "request", content)


def updated(name: str, method: str = "update", **state: Any) -> Message:
    return Message(
        "iopub", "comm_msg", "request", {"comm_id": name, "data": {"method": method, "state": state}}
    )


def heard(*messages: Message) -> Widgets:
    widgets = Widgets()
    for message in messages:
        widgets.take(message)
    return widgets


def test_a_widget_looks_as_its_kernel_said_last() -> None:
    widgets = heard(
        opened("a", _model_name="IntSliderModel", value=3, max=9, secret="x"),
        updated("a", value=7),
        updated("a", method="custom", value=8),
        updated("unknown", value=9),
    )
    assert widgets.snapshot("a", {}) == {
        "model": "IntSlider",
        "value": 7,
        "max": 9,
        "children": [],
        "outputs": [],
    }


def test_a_box_looks_like_what_is_in_it() -> None:
    widgets = heard(
        opened("box", _model_name="VBoxModel", children=["IPY_MODEL_a", "IPY_MODEL_gone", 3]),
        opened("a", _model_name="OutputModel"),
    )
    (child,) = widgets.snapshot("box", {"a": ["something"]})["children"]
    assert (child["model"], child["outputs"]) == ("Output", ["something"])


def test_other_conversations_are_no_widgets() -> None:
    assert heard(opened("a", target="other", value=1)).snapshot("a", {}) == {}


def test_a_box_that_holds_itself_many_times_has_an_end() -> None:
    widgets = heard(opened("a", _model_name="VBoxModel", children=["IPY_MODEL_a"] * 1000))

    def count(widget: dict[str, Any], depth: int = 0) -> int:
        assert depth <= DEEPEST
        return 1 + sum(count(child, depth + 1) for child in widget["children"])

    assert count(widgets.snapshot("a", {})) <= MOST_PARTS


def test_an_output_widget_within_itself_is_read_once() -> None:
    view = {"output_type": "display_data", "data": {VIEW: {"model_id": "a"}}}
    printed = {"output_type": "stream", "name": "stdout", "text": "x"}

    def snapshot(_: str) -> dict[str, Any]:
        return {"model": "Output", "children": [], "outputs": [view, printed]}

    cell = {"cell_type": "code", "source": "x", "metadata": {}, "outputs": [view]}
    (output,) = preview_of({"cells": [cell]}, snapshot).cells[0].outputs
    inner: dict[str, Any] = {"outputs": [], "children": []}
    assert output.data[VIEW]["outputs"] == [{VIEW: inner}, {STDOUT: "x"}]
