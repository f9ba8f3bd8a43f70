"""What a page is told instead of its kernel's answer, so that it goes on as if the kernel had spoken. Pure.

A page holds a request open until it has both a reply on the channel it asked on and an `idle` with the
request as parent (JupyterLab, services/src/kernel/future.ts). A comm's messages have no reply: `idle` is all.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateway.policy.jupyter.limits import MAX_WORD
from gateway.policy.jupyter.wire.message import Said

if TYPE_CHECKING:
    from gateway.policy.jupyter.wire.message import Header

ENAME = "ReadOnly"
SESSION = "warmgate"
_REQUEST = "_request"


def refused(request: Said, why: str) -> list[Said]:
    """Return the answer of a kernel that failed at it."""
    text = f"{why[:1].upper()}{why[1:]}."
    error = {"ename": ENAME, "evalue": text, "traceback": [f"{ENAME}: {text}"]}
    match request.header.msg_type:
        case "execute_request":
            # No count, because nothing ran; the page shows an empty one.
            reply: dict[str, Any] = {
                "status": "error",
                **error,
                "execution_count": None,
                "user_expressions": {},
                "payload": [],
            }
            return _between(request, _said(request, "iopub", "error", error, 1), _reply(request, reply))
        case "comm_open":
            # As a kernel does (comm, base_comm.py); the page would wait for a word on it.
            comm = request.content.get("comm_id")
            known = isinstance(comm, str) and len(comm) <= MAX_WORD
            closed = _said(request, "iopub", "comm_close", {"comm_id": comm, "data": {}}, 1)
            return _between(request, *([closed] if known else []))
        case "debug_request":
            return answered(request, {**_of_debugger(request), "message": text})
        case _:
            return answered(request, {"status": "error", **error})


def aborted(request: Said) -> list[Said]:
    """Return the answer to a cell behind one that failed (ipykernel, kernelbase.py, `_send_abort_reply`)."""
    return answered(request, {"status": "aborted"})


def answered(request: Said, content: dict[str, Any]) -> list[Said]:
    """Return the answer of a kernel that did it. Empty for messages no kernel answers."""
    if request.header.msg_type.endswith(_REQUEST):
        return _between(request, _reply(request, content))
    return _between(request) if request.channel == "shell" else []


def _of_debugger(request: Said) -> dict[str, Any]:
    """Return what the debugger's protocol wants in every response (Debug Adapter Protocol, `Response`)."""
    seq, command = request.content.get("seq"), request.content.get("command")
    return {
        "type": "response",
        "request_seq": seq if isinstance(seq, int) else 0,
        "command": command if isinstance(command, str) and command.isprintable() else "",
        "success": False,
        "body": {},
    }


def _between(request: Said, *said: Said) -> list[Said]:
    busy = _said(request, "iopub", "status", {"execution_state": "busy"}, 0)
    idle = _said(request, "iopub", "status", {"execution_state": "idle"}, 3)
    return [busy, *said, idle]


def _reply(request: Said, content: dict[str, Any]) -> Said:
    kind = request.header.msg_type.removesuffix(_REQUEST) + "_reply"
    return _said(request, request.channel, kind, content, 2)


def _said(request: Said, channel: str, kind: str, content: dict[str, Any], number: int) -> Said:
    header: Header = replace(
        request.header,
        msg_id=f"{SESSION}-{number}-{request.header.msg_id}",
        msg_type=kind,
        session=SESSION,
        username=SESSION,
        subshell="",
    )
    return Said(channel, header, content, parent=request.header)
