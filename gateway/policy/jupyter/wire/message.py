"""A kernel's message, as both formats hold it (jupyter_client, "Messaging in Jupyter", 5.x)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from gateway.policy.jupyter.limits import MAX_WORD

if TYPE_CHECKING:
    from gateway.policy.verdict import Message

CHANNELS = frozenset({"shell", "iopub", "stdin", "control"})
"""A server's sockets. Exactly these words: Jupyter takes a channel it does not find for `shell`."""

NEEDED = ("msg_id", "msg_type", "session", "username", "version")
"""What every header has, each a text (JupyterLab, services/src/kernel/validate.ts)."""

_VERSION = re.compile(r"5\.[0-9]{1,2}")
"""Kernels rewrite a message that says it is of an older version, and so make other content of it than we
have judged (jupyter_client, adapter.py: `user_variables` of version 4 become `user_expressions`)."""

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


class Unreadable(ValueError):
    """Nobody can say what a message is, nor to whom an answer would go."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who says what. Holds only what we know; what else stood in it goes no further."""

    msg_id: str
    msg_type: str
    session: str
    username: str = ""
    version: str = "5.3"
    date: str = ""
    """ISO 8601, or empty."""
    subshell: str = ""
    """The thread of the kernel that shall answer (Jupyter's proposal 91); empty for the main one."""

    def written(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        fields = {name: getattr(self, name) for name in NEEDED}
        if self.date:
            fields["date"] = self.date
        return {**fields, "subshell_id": self.subshell} if self.subshell else fields


def header(value: Any) -> Header:
    """Return the header that JSON holds. Raises Unreadable for what is none."""
    if not isinstance(value, dict):
        raise Unreadable("a header that is no object")
    for name in NEEDED:
        _word(value.get(name))
    if not value["msg_id"] or not value["msg_type"]:
        raise Unreadable("a header without an id or a type")
    if not _VERSION.fullmatch(value["version"]):
        raise Unreadable("a message of another version")
    date = value.get("date")
    return Header(
        **{name: value[name] for name in NEEDED},
        date=date if isinstance(date, str) and _is_date(date) else "",
        subshell=_word(value.get("subshell_id") or ""),
    )


def _word(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_WORD or not value.isprintable():
        raise Unreadable("a header with a field that is no word")
    if _DATE.fullmatch(value):
        # Kernels would take it for a date, and no longer for a text (jupyter_client, jsonutil.py).
        raise Unreadable("a header with a date where none belongs")
    return value


def _is_date(value: str) -> bool:
    """Return whether it is a day and a time there is: kernels do not read a message with another."""
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Said:
    """A message, of either side. `parent` is empty in requests."""

    channel: str
    header: Header
    content: dict[str, Any] = field(repr=False)
    metadata: dict[str, Any] = field(repr=False, default_factory=dict)
    parent: Header | None = None
    buffers: tuple[bytes, ...] = field(repr=False, default=())
    fault: str = ""
    """Why it must not be passed on, though it can be answered; empty where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Heard:
    """As much of a server's message as we look at."""

    channel: str
    type: str
    parent: str
    """The id of the request it belongs to; empty for none."""
    content: dict[str, Any] = field(repr=False)
    """Empty where its type is none we learn from."""


class Wire(Protocol):
    """One format. Holds nothing of a connection."""

    def parts(self, message: Message) -> int:
        """Return about how many values the JSON of a visitor's message holds; it is not read for that. Raises
        Unreadable.
        """
        ...

    def read(self, message: Message) -> Said:
        """Return a visitor's message. Raises Unreadable for one that cannot even be answered."""
        ...

    def write(self, said: Said) -> Message:
        """Return a message anew, nothing in it but what `said` holds."""
        ...

    def hear(self, message: Message) -> Heard | None:
        """Return a server's message, or None where it is none or nothing can be learned from it."""
        ...
