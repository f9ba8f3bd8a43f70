"""What is known of a session's kernel: its comms and subshells, as it announced them itself."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from gateway.policy.jupyter.limits import MAX_COMMS, MAX_CONTROLS, MAX_OPENED, MAX_SUBSHELLS, MAX_WORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.policy.jupyter.wire.message import Heard

WIDGET = "jupyter.widget"
"""The target of every widget's comm (ipywidgets, "Jupyter widget messaging protocol")."""

CONTROL = "jupyter.widget.control"
"""The one target a page may open: it asks for the state of all widgets, and can do nothing else."""

_NEW_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_RESTARTS = frozenset({"restarting", "dead"})


class KnownKernel:
    """Shared by all connections of a session, so that a page that connects again goes on."""

    def __init__(self) -> None:
        self._comms: dict[str, str] = {}
        self._controls: dict[str, None] = {}
        """Of these, those that pages have opened, in their order."""
        self._used: set[str] = set()
        """All names that pages have ever given to comms."""
        self._subshells: set[str] = set()
        self._wanted: set[str] = set()
        """Ids of requests for a subshell that are not answered yet."""

    def target(self, comm: Any) -> str | None:
        """Return what a comm is for, or None where the kernel has never named it."""
        return self._comms.get(comm) if isinstance(comm, str) else None

    def is_new(self, comm: str) -> bool:
        """Return whether a page may name a comm of its own so. Never twice in a session: kernels take no
        message twice, so nobody could be sure that the second one is closed.
        """
        return comm not in self._comms and comm not in self._used and bool(_NEW_ID.fullmatch(comm))

    def open(self, comm: str, target: str) -> None:
        """Take note of a comm. The oldest is forgotten where there are too many."""
        if len(comm) > MAX_WORD:
            return
        self._comms[comm] = target
        if target == CONTROL:
            self._controls[comm] = None
        if len(self._comms) > MAX_COMMS:
            self.close(next(iter(self._comms)))

    def close(self, comm: str) -> None:
        """Forget a comm."""
        self._comms.pop(comm, None)
        self._controls.pop(comm, None)

    def open_control(self, comm: str) -> list[str] | None:
        """Take note of a comm that a page opens. Return, and forget, those that are to make room for it; None
        where pages have opened more than enough.

        A page closes its own as soon as it knows its widgets; one that has gone before leaves it behind. The
        oldest can go, because a kernel answers on the newest only (ipywidgets, widget.py, `_control_comm`).
        """
        if len(self._used) >= MAX_OPENED:
            return None
        over = len(self._controls) + 1 - MAX_CONTROLS
        stale = list(islice(self._controls, min(max(0, over), MAX_CONTROLS)))
        for each in stale:
            self.close(each)
        self._used.add(comm)
        self.open(comm, CONTROL)
        return stale

    def has_subshell(self, name: Any) -> bool:
        """Return whether the kernel has such a subshell."""
        return isinstance(name, str) and name in self._subshells

    def want_subshell(self, request: str) -> bool:
        """Return whether there may be one more, and count it until the kernel has answered. Not under an id
        that is counted already: the kernel would make one for each.
        """
        if request in self._wanted or len(self._subshells) + len(self._wanted) >= MAX_SUBSHELLS:
            return False
        self._wanted.add(request)
        return True

    def hear(self, said: Heard) -> None:
        """Learn from a message of the kernel."""
        content = said.content
        match said.channel, said.type:
            case "iopub", "comm_open":
                self._announced(content.get("comm_id"), content.get("target_name"))
            case "iopub", "comm_close":
                self.close(str(content.get("comm_id")))
            case "iopub", "comm_msg" if self.target(content.get("comm_id")) == CONTROL:
                data = content.get("data")
                for comm in _keys(data.get("states") if isinstance(data, dict) else None):
                    self._announced(comm, WIDGET)
            case "shell", "comm_info_reply":
                for comm, about in _items(content.get("comms")):
                    self._announced(comm, about.get("target_name") if isinstance(about, dict) else None)
            case "control", "create_subshell_reply":
                self._answered(said.parent, content.get("subshell_id"))
            case "iopub", "status" if str(content.get("execution_state")) in _RESTARTS:
                # Its comms are gone too, but a page that still writes to one does no harm.
                self._subshells.clear()
                self._wanted.clear()

    def end_subshell(self, name: str) -> None:
        """Forget a subshell: its end was asked for, and cannot be refused."""
        self._subshells.discard(name)

    def _announced(self, comm: Any, target: Any) -> None:
        if not isinstance(comm, str) or not isinstance(target, str):
            return
        # What was asked for a moment ago may list a page's comm that has been closed since.
        if comm in self._comms or comm not in self._used:
            self.open(comm, target)

    def _answered(self, request: str, name: Any) -> None:
        if request in self._wanted:
            self._wanted.discard(request)
            if isinstance(name, str) and 0 < len(name) <= MAX_WORD:
                self._subshells.add(name)


def _keys(value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else []


def _items(value: Any) -> list[tuple[Any, Any]]:
    items: Mapping[Any, Any] = value if isinstance(value, dict) else {}
    return list(items.items())
