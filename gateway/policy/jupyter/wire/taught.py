"""Which of a server's messages tell something that we need to know. All others pass unread."""

from __future__ import annotations

from typing import Any

OWN = "warmgate-"
"""How the ids of our own questions begin, so that their answers are known and kept from the page."""

WIDGETS = b"update_states"
"""Stands in the one `comm_msg` that tells of widgets: the answer to `request_states` (ipywidgets, "Jupyter
widget messaging protocol", control)."""

TYPES = frozenset(
    {
        "comm_open",
        "comm_close",
        "comm_info_reply",
        "create_subshell_reply",
        "delete_subshell_reply",
        "input_request",
        "status",
    }
)

TEACHING = (OWN, WIDGETS.decode(), *sorted(TYPES - {"status"}), "restarting")
"""One of these stands in every message in text form that we look at. Of states only a restart matters."""


def may_teach(kind: Any, content: bytes) -> bool:
    """Return whether content of this type is worth reading."""
    return isinstance(kind, str) and (kind in TYPES or (kind == "comm_msg" and WIDGETS in content))
