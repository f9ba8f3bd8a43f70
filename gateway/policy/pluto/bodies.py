"""What each message of a page may say, one function a type. Pure.

Each takes the body and returns the one that the server gets, made of nothing but what was looked at. Raises
NotAllowed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

MOST_BONDS = 256
"""Values in one message; a page puts together what was moved at once."""

OBJECT_ID = re.compile(r"[0-9a-f]{1,32}")
LINK_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
DIMENSIONS = frozenset({1, 2})


class NotAllowed(Exception):
    """The message asks for more than reading. The text says why, in words of ours."""


class Allowed:
    """What may be named: the author's cells, and the names that are bound to widgets."""

    def __init__(self, cells: Collection[str], bonds: Collection[str]) -> None:
        self.cells = frozenset(cells)
        self.bonds = set(bonds)


def nothing(body: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:  # noqa: ARG001 - one signature
    """A message whose type says it all."""
    if body:
        raise NotAllowed("a body where none belongs")
    return {}


def update_notebook(body: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
    """New values of widgets, or no change at all.

    Pluto itself would take a value for any global of the author's, and any other change of the notebook.
    """
    if body.keys() != {"updates"} or not isinstance(body["updates"], list):
        raise NotAllowed("no list of changes")
    if len(body["updates"]) > MOST_BONDS:
        raise NotAllowed("too many changes at once")
    return {"updates": [_bond(change, allowed) for change in body["updates"]]}


def _bond(change: Any, allowed: Allowed) -> dict[str, Any]:
    if not isinstance(change, dict) or change.keys() != {"op", "path", "value"}:
        raise NotAllowed("a change that sets nothing")
    op, path, value = change["op"], change["path"], change["value"]
    if op not in ("add", "replace"):
        raise NotAllowed("a change that is no new value")
    match path:
        case ["bonds", str(name)] if name in allowed.bonds:
            pass
        case ["bonds", _]:
            raise NotAllowed("a name that no widget is bound to")
        case _:
            raise NotAllowed("an edit")
    if not isinstance(value, dict) or value.keys() != {"value"}:
        raise NotAllowed("something else than a value")
    return {"op": op, "path": ["bonds", name], "value": {"value": value["value"]}}


def run_multiple_cells(body: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
    """Cells to run again, as their author wrote them."""
    cells = body.get("cells")
    if body.keys() != {"cells"} or not isinstance(cells, list) or not cells:
        raise NotAllowed("no list of cells")
    named = [_cell(cell, allowed) for cell in cells]
    if len(set(named)) != len(named):
        raise NotAllowed("a cell twice")
    return {"cells": named}


def reshow_cell(body: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
    """More of a long list or table that is shown already."""
    if body.keys() != {"objectid", "dim", "cell_id"}:
        raise NotAllowed("not what to show more of")
    objectid, dim = body["objectid"], body["dim"]
    if not isinstance(objectid, str) or OBJECT_ID.fullmatch(objectid) is None:
        raise NotAllowed("not what to show more of")
    if isinstance(dim, bool) or not isinstance(dim, int) or dim not in DIMENSIONS:
        raise NotAllowed("not what to show more of")
    return {"objectid": objectid, "dim": dim, "cell_id": _cell(body["cell_id"], allowed)}


def request_js_link_response(body: Mapping[str, Any], allowed: Allowed) -> dict[str, Any]:
    """A call of a function that the author gave to the page for that (`with_js_link`, Pluto 0.19.41)."""
    if body.keys() != {"cell_id", "link_id", "input"}:
        raise NotAllowed("not what to call")
    link = body["link_id"]
    if not isinstance(link, str) or LINK_ID.fullmatch(link) is None:
        raise NotAllowed("not what to call")
    return {"cell_id": _cell(body["cell_id"], allowed), "link_id": link, "input": body["input"]}


def _cell(cell: Any, allowed: Allowed) -> str:
    if not isinstance(cell, str) or cell not in allowed.cells:
        raise NotAllowed("a cell that is not the author's")
    return cell


FORWARDED: Mapping[str, Callable[[Mapping[str, Any], Allowed], dict[str, Any]]] = {
    "connect": nothing,
    "ping": nothing,
    "current_time": nothing,
    "interrupt_all": nothing,
    "reset_shared_state": nothing,
    "update_notebook": update_notebook,
    "run_multiple_cells": run_multiple_cells,
    "reshow_cell": reshow_cell,
    "request_js_link_response": request_js_link_response,
}
"""The messages that may reach the server, by type."""

_NO_COMPLETION = ("completion_result", {"start": 0, "stop": 0, "results": [], "too_long": False})

ANSWERED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "complete": _NO_COMPLETION,
    "completepath": _NO_COMPLETION,
    "complete_symbols": ("completion_result", {"latex": {}, "emoji": {}}),
    "docs": ("doc_result", {"status": "👍", "doc": ""}),
    "get_all_notebooks": ("notebook_list", {"notebooks": []}),
    "nbpkg_available_versions": ("🍕", {"versions": []}),
    "nbpkg_get_project_toml": ("🌟", {"contents": {}}),
    "nbpkg_set_project_toml": ("🎃", {"success": False}),
    "all_registered_package_names": ("🍳", {"results": []}),
    "package_completions": ("🍳", {"results": []}),
    "pkg_update": ("🦆", {}),
}
"""Type and content of the answer to what an editor would ask: nothing is found (src/webserver/REPLTools.jl,
Dynamic.jl). Asked for real, completion and documentation evaluate parts of the question."""

UNANSWERED = frozenset({"shutdown_notebook", "restart_process"})
"""What Pluto itself never answers, and the page does not wait for."""
