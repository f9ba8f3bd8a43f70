"""What a reader's page may say to a kernel: a table of channels and types. Nothing else passes.

A kernel's control channel takes everything its shell takes (ipykernel, kernelbase.py, `control_msg_types`),
so each type is judged on each channel for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.policy.jupyter import comms
from gateway.policy.jupyter.decision import Decision, Forward, Refuse, Standing, Stub
from gateway.policy.jupyter.limits import MAX_INPUT, MAX_WORD
from pool.kinds.jupyter.sources import digest, normalised

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.jupyter.wire.message import Said

WITH_BUFFERS = frozenset({("shell", "comm_msg")})
"""What may carry bytes beside its JSON: a widget's state."""

ON_SUBSHELL = frozenset({"comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request"})
"""What another thread of the kernel may answer. Cells run on the main one, as their author ran them."""


def judge(said: Said, standing: Standing) -> Decision:
    """Return what becomes of a message. Changes `standing` as what is forwarded will change it."""
    if said.fault:
        return Refuse(said.fault)
    place = (said.channel, said.header.msg_type)
    rule = TABLE.get(place)
    if rule is None:
        return Refuse("not part of reading a notebook")
    if said.buffers and place not in WITH_BUFFERS:
        return Refuse("bytes where none belong")
    return rule(said, standing)


def _execute(said: Said, standing: Standing) -> Decision:
    code = said.content.get("code")
    if not isinstance(code, str) or digest(code) not in standing.cells:
        return Refuse("only the author's cells can be run here")
    if said.header.subshell:
        return Refuse("cells run one after the other")
    cell = said.metadata.get("cellId")
    known = isinstance(cell, str) and len(cell) <= MAX_WORD
    content = {
        "code": normalised(code),
        "silent": False,
        "store_history": True,
        # Each would be evaluated, beside code that is the author's (`user_expressions` in execute_request).
        "user_expressions": {},
        "allow_stdin": True,
        "stop_on_error": stops_on_error(said),
    }
    return Forward(content, {"cellId": cell} if known else {}, active=True)


def stops_on_error(said: Said) -> bool:
    """Return whether the cells behind this one are not to run when it fails (the protocol's default)."""
    return said.content.get("stop_on_error") is not False


def _typed(said: Said, standing: Standing) -> Decision:
    value = said.content.get("value")
    if not standing.asked:
        return Refuse("nobody has asked for a line")
    if not isinstance(value, str) or len(value) > MAX_INPUT:
        return Refuse("a line that is none, or too long")
    standing.asked = False
    return Forward({"status": "ok", "value": value}, active=True)


def _plain(said: Said, standing: Standing) -> Decision:  # noqa: ARG001 - the port's
    return Forward({})


def _interrupt(said: Said, standing: Standing) -> Decision:  # noqa: ARG001 - the port's
    return Forward({}, active=True)


def _complete(said: Said, standing: Standing) -> Decision:  # noqa: ARG001 - the port's
    at = said.content.get("cursor_pos")
    at = at if isinstance(at, int) else 0
    nothing: dict[str, Any] = {"matches": [], "cursor_start": at, "cursor_end": at, "metadata": {}}
    return Stub({"status": "ok", **nothing})


def _inspect(said: Said, standing: Standing) -> Decision:  # noqa: ARG001 - the port's
    return Stub({"status": "ok", "found": False, "data": {}, "metadata": {}})


def _is_complete(said: Said, standing: Standing) -> Decision:  # noqa: ARG001 - the port's
    return Stub({"status": "unknown"})


def _history(said: Said, standing: Standing) -> Decision:  # noqa: ARG001 - the port's
    return Stub({"status": "ok", "history": []})


def _new_subshell(said: Said, standing: Standing) -> Decision:
    if not standing.kernel.want_subshell(said.header.msg_id):
        return Refuse("too many subshells")
    return Forward({})


def _end_subshell(said: Said, standing: Standing) -> Decision:
    name = said.content.get("subshell_id")
    if not standing.kernel.has_subshell(name):
        return Refuse("no such subshell")
    standing.kernel.end_subshell(str(name))
    return Forward({"subshell_id": name})


TABLE: dict[tuple[str, str], Callable[[Said, Standing], Decision]] = {
    ("shell", "execute_request"): _execute,
    ("shell", "kernel_info_request"): _plain,
    ("shell", "comm_info_request"): comms.info,
    ("shell", "comm_open"): comms.opened,
    ("shell", "comm_msg"): comms.message,
    ("shell", "comm_close"): comms.closed,
    ("shell", "complete_request"): _complete,
    ("shell", "inspect_request"): _inspect,
    ("shell", "is_complete_request"): _is_complete,
    ("shell", "history_request"): _history,
    ("stdin", "input_reply"): _typed,
    ("control", "kernel_info_request"): _plain,
    ("control", "interrupt_request"): _interrupt,
    ("control", "create_subshell_request"): _new_subshell,
    ("control", "delete_subshell_request"): _end_subshell,
    ("control", "list_subshell_request"): _plain,
}
