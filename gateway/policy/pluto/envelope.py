"""What a page's message says before what it wants: who asks, and about which notebook. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gateway.policy.pluto import packing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""Ids of pages and requests. Pluto's own are numbers in base 36."""

FIELDS = frozenset({"type", "client_id", "request_id", "body", "notebook_id", "cell_id"})
"""All that Pluto's pages ever put there (frontend/common/PlutoConnection.js)."""


class Envelope(NamedTuple):
    """One message of a page."""

    kind: str
    client_id: str
    request_id: str
    body: dict[str, Any]
    notebook_id: str | None
    sound: bool
    """Whether nothing was there that should not be; if not, the rest only serves to answer it."""

    def packed(self, kind: str, body: Mapping[str, Any], *, notebook_id: str, request_id: str = "") -> bytes:
        """Return a message to the server in this one's name."""
        return packing.pack(
            {
                "type": kind,
                "client_id": self.client_id,
                "request_id": request_id or self.request_id,
                "body": body,
                "notebook_id": notebook_id,
            }
        )

    def answer(self, kind: str, message: Mapping[str, Any] | list[Any], *, notebook_id: str = "") -> bytes:
        """Return an answer to this message as Pluto would send it (src/webserver/PutUpdates.jl)."""
        answer: dict[str, Any] = {"type": kind, "message": message}
        if notebook_id:
            answer["notebook_id"] = notebook_id
        return packing.pack({**answer, "initiator_id": self.client_id, "request_id": self.request_id})


def read(data: bytes, counted: Callable[[int], None]) -> Envelope:
    """Return a message; `counted` is told how many values are in it. Raises ValueError for what cannot even
    be answered.
    """
    found = packing.unpack(data, counted)
    if not isinstance(found, dict):
        raise ValueError("no map")  # noqa: TRY004 - it is what was sent that is wrong
    client_id, request_id = found.get("client_id"), found.get("request_id")
    for each in (client_id, request_id):
        if not isinstance(each, str) or ID.fullmatch(each) is None:
            raise ValueError("nobody to be answered")
    kind, body, notebook_id = found.get("type"), found.get("body"), found.get("notebook_id")
    sound = (
        isinstance(kind, str)
        and isinstance(body, dict)
        and (notebook_id is None or isinstance(notebook_id, str))
        and found.keys() <= FIELDS
    )
    return Envelope(
        kind if isinstance(kind, str) else "",
        str(client_id),
        str(request_id),
        body if isinstance(body, dict) else {},
        notebook_id if isinstance(notebook_id, str) else None,
        sound,
    )
