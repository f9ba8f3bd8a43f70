"""What a page may say to a comm: only to one the kernel itself has announced. Pure.

A page that opened a `jupyter.widget` would make an object of any registered class in the kernel (ipywidgets,
widget.py, `handle_comm_opened`), so the only comm it may open is the one that asks for the widgets' state.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateway.policy.jupyter.decision import Decision, Forward, Refuse, Standing
from gateway.policy.jupyter.known import CONTROL, WIDGET

if TYPE_CHECKING:
    from gateway.policy.jupyter.wire.message import Said

_VERSION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){0,2}")
_METHODS = {WIDGET: frozenset({"update", "custom", "request_state"}), CONTROL: frozenset({"request_states"})}
"""What pages say to widgets (ipywidgets, "Jupyter widget messaging protocol", 2.1). Comms with other targets
are the author's, and so is what is said to them."""


def opened(said: Said, standing: Standing) -> Decision:
    """Judge `comm_open`."""
    comm, target = said.content.get("comm_id"), said.content.get("target_name")
    if target != CONTROL:
        return Refuse("no comm of this sort can be opened here")
    if not isinstance(comm, str) or not standing.kernel.is_new(comm) or said.content.get("data", {}) != {}:
        return Refuse("a comm that is there already, or brings data")
    stale = standing.kernel.open_control(comm)
    if stale is None:
        return Refuse("too many comms")
    version = said.metadata.get("version")
    known = isinstance(version, str) and _VERSION.fullmatch(version)
    content: dict[str, Any] = {"comm_id": comm, "target_name": CONTROL, "data": {}}
    return Forward(content, {"version": version} if known else {}, closes=tuple(stale))


def message(said: Said, standing: Standing) -> Decision:
    """Judge `comm_msg`."""
    comm, data = said.content.get("comm_id"), said.content.get("data")
    target = standing.kernel.target(comm)
    if target is None:
        return Refuse("a comm the kernel has not announced")
    if not isinstance(data, dict):
        return Refuse("a comm's message without data")
    methods = _METHODS.get(target)
    if methods is not None and not _is_method(data.get("method"), methods):
        return Refuse("not among what a widget is told")
    if "state" in data and methods is not None and not isinstance(data["state"], dict):
        return Refuse("a widget's state that is no object")
    return Forward({"comm_id": comm, "data": data}, active=target != CONTROL)


def closed(said: Said, standing: Standing) -> Decision:
    """Judge `comm_close`."""
    comm = said.content.get("comm_id")
    if not isinstance(comm, str) or standing.kernel.target(comm) is None:
        return Refuse("a comm the kernel has not announced")
    standing.kernel.close(comm)
    return Forward({"comm_id": comm, "data": {}})


def info(said: Said, standing: Standing) -> Decision:  # noqa: ARG001 - the port's
    """Judge `comm_info_request`."""
    target = said.content.get("target_name")
    return Forward({"target_name": target} if isinstance(target, str) else {})


def _is_method(method: Any, methods: frozenset[str]) -> bool:
    return isinstance(method, str) and method in methods
