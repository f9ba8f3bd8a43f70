"""Collects what cells show, as nbformat 4 outputs. Pure: messages in, outputs out.

Does what a page would do while it watches: merges stream text, clears, updates displays by id, and fills
Output widgets, which catch what a cell prints while they are entered (`interact` uses one).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pool.kinds.jupyter.widgets import Widgets
from pool.kinds.shapes import mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pool.kinds.jupyter.kernel import Message

Output = dict[str, Any]
"""One nbformat 4 output."""


@dataclass(slots=True)
class Area:
    """One place where outputs appear: a cell's, or an Output widget's."""

    outputs: list[Output] = field(default_factory=list)
    clear_first: bool = False
    changed: bool = False

    def add(self, output: Output) -> None:
        """Show an output; text of the same stream is joined to the last one."""
        if self.clear_first:
            self.clear()
        self.changed = True
        last = self.outputs[-1] if self.outputs else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            self.outputs.append(output)

    def clear(self, *, wait: bool = False) -> None:
        """Empty it, with `wait` only when the next output comes."""
        self.clear_first = wait
        if not wait:
            self.outputs.clear()
            self.changed = True


class Outputs:
    """Every area a kernel writes to. Areas of cells are named by the id of the request that runs them."""

    def __init__(self) -> None:
        self._models = Widgets()
        self._cells: dict[str, Area] = {}
        self._widgets: dict[str, Area] = {}
        self._entered: dict[str, list[str]] = {}
        """Request to the Output widgets that catch what it shows; the innermost is last."""
        self._displays: dict[str, list[tuple[Area, Output]]] = {}

    def of(self, request: str) -> list[Output]:
        """Return what the cell run by this request has shown so far."""
        return self._cells[request].outputs if request in self._cells else []

    def take(self, request: str, message: Message) -> None:
        """Look at a message that came while `request` ran.

        One that belongs to an earlier cell, which a thread may still write to, goes there.
        """
        self._cells.setdefault(request, Area())
        if message.channel != "iopub":
            return
        match message.type:
            case "comm_open" | "comm_msg":
                self._models.take(message)
                self._widget(message)
            case "comm_close":
                self._leave(str(message.content.get("comm_id")))
            case "update_display_data":
                self._update(message.content)
            case "clear_output" if message.parent in self._cells:
                self._area(message.parent).clear(wait=bool(message.content.get("wait")))
            case "stream" | "display_data" | "execute_result" | "error" if message.parent in self._cells:
                self._show(self._area(message.parent), message)
            case _:
                pass

    def widget_updates(self) -> list[dict[str, Any]]:
        """Return the contents of the `comm_msg` that tell the kernel what its Output widgets have caught.

        Only what is new since the last call. A page would tell it too, and later pages ask the kernel.
        """
        updates = []
        for comm_id, area in self._widgets.items():
            if area.changed:
                area.changed = False
                data = {"method": "update", "state": {"outputs": area.outputs}, "buffer_paths": []}
                updates.append({"comm_id": comm_id, "data": data})
        return updates

    def snapshot(self, model: str) -> dict[str, Any]:
        """Return how a widget looks now, with what Output widgets in it have caught."""
        caught = {name: area.outputs for name, area in self._widgets.items()}
        return self._models.snapshot(model, caught)

    def _area(self, request: str) -> Area:
        entered = self._entered.get(request)
        return self._widgets[entered[-1]] if entered else self._cells[request]

    def _show(self, area: Area, message: Message) -> None:
        output = _output(message)
        area.add(output)
        display = mapping(message.content, "transient").get("display_id")
        if display is not None:
            self._displays.setdefault(str(display), []).append((area, output))

    def _update(self, content: Mapping[str, Any]) -> None:
        display = str(mapping(content, "transient").get("display_id"))
        for area, output in self._displays.get(display, ()):
            output["data"] = mapping(content, "data")
            output["metadata"] = mapping(content, "metadata")
            area.changed = True

    def _widget(self, message: Message) -> None:
        comm_id = str(message.content.get("comm_id"))
        data = mapping(message.content, "data")
        state = mapping(data, "state")
        if message.type == "comm_open" and state.get("_model_name") == "OutputModel":
            self._widgets[comm_id] = Area()
        # An `echo_update` only repeats what we have sent.
        repeated = message.type == "comm_msg" and data.get("method") != "update"
        if comm_id not in self._widgets or repeated or "msg_id" not in state:
            return
        self._leave(comm_id)
        if state["msg_id"]:
            self._entered.setdefault(str(state["msg_id"]), []).append(comm_id)

    def _leave(self, comm_id: str) -> None:
        for entered in self._entered.values():
            if comm_id in entered:
                entered.remove(comm_id)


def _output(message: Message) -> Output:
    content = message.content
    match message.type:
        case "stream":
            name = "stderr" if content.get("name") == "stderr" else "stdout"
            return {"output_type": "stream", "name": name, "text": str(content.get("text", ""))}
        case "error":
            return {
                "output_type": "error",
                "ename": str(content.get("ename", "")),
                "evalue": str(content.get("evalue", "")),
                "traceback": [str(line) for line in content.get("traceback") or ()],
            }
        case _:
            shown = {name: mapping(content, name) for name in ("data", "metadata")}
            if message.type == "execute_result":
                return {
                    "output_type": message.type,
                    **shown,
                    "execution_count": content.get("execution_count"),
                }
            return {"output_type": message.type, **shown}
