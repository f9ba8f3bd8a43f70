"""Keeps what a kernel says of its widgets, as a page would. Pure.

Of the Jupyter widgets protocol, version 2: `comm_open` brings a model's state, `comm_msg` with `update` a
part of it, and `IPY_MODEL_<id>` within a state is another model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pool.kinds.jupyter.kernel import Message

TARGET = "jupyter.widget"
REFERENCE = "IPY_MODEL_"
VIEW = "application/vnd.jupyter.widget-view+json"

MOST_MODELS = 5000
"""Models that are remembered; a slider has three."""
DEEPEST = 8
"""Boxes within boxes that a snapshot follows."""
MOST_PARTS = 300
"""Widgets of one snapshot."""

LOOKS = [
    "_options_labels",
    "button_style",
    "description",
    "disabled",
    "index",
    "max",
    "min",
    "orientation",
    "placeholder",
    "readout",
    "rows",
    "step",
    "value",
]
"""Of a state, what can be seen of the widget."""


class Widgets:
    """The states of all models, by id."""

    def __init__(self) -> None:
        self._states: dict[str, dict[str, Any]] = {}

    def take(self, message: Message) -> None:
        """Look at a `comm_open` or `comm_msg` of the kernel."""
        content, data = message.content, mapping(message.content, "data")
        name = text(content, "comm_id")
        if message.type == "comm_open":
            if content.get("target_name") == TARGET and len(self._states) < MOST_MODELS:
                self._states[name] = dict(mapping(data, "state"))
        elif name in self._states and data.get("method") == "update":
            self._states[name].update(mapping(data, "state"))

    def snapshot(self, name: str, caught: Mapping[str, Any]) -> dict[str, Any]:
        """Return how a model looks, with what is in it; empty where it is not known.

        `caught` are the outputs that Output widgets hold, by their id.
        """
        return self._looks(name, caught, 0, iter(range(MOST_PARTS)))

    def _looks(self, name: str, caught: Mapping[str, Any], depth: int, left: Iterator[int]) -> dict[str, Any]:
        """`left` ends when enough parts have been taken: a box may hold itself, many times."""
        state = self._states.get(name)
        if state is None or depth > DEEPEST or next(left, None) is None:
            return {}
        children = state.get("children")
        return {
            **{key: state[key] for key in LOOKS if key in state},
            "model": text(state, "_model_name").removesuffix("Model"),
            "children": [
                part
                for child in (children if isinstance(children, list) else [])[:MOST_PARTS]
                if isinstance(child, str)
                and (part := self._looks(child.removeprefix(REFERENCE), caught, depth + 1, left))
            ],
            "outputs": caught.get(name, []),
        }
