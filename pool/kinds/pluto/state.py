"""Reads how far a notebook is out of its state, as `/statefile` gives it. Pure.

A state is a map (Pluto, src/webserver/Dynamic.jl, `notebook_to_js`): `cell_order`, `cell_results` by cell,
with `queued`, `running`, `errored` and `output`, `bonds` by name, `process_status`, and more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pool.kinds.kind import CellError
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

READY = "ready"
FORBIDDEN = "waiting_for_permission"
"""Pluto 0.19.30 and later, when nobody allowed the notebook to run."""
ENDED = frozenset({"no_process", "waiting_to_restart"})

_RUNNING = (b"\xa7running\xc3", b"\xa6queued\xc3")
"""A key and `true`, in MsgPack. No text holds these: they are no UTF-8."""

LONGEST_ERROR = 200
"""Characters of an author's error that are told."""
MOST_ERRORS = 20
"""Cells whose errors are told: when an early one fails, most after it do."""


def status(state: Mapping[str, Any]) -> str:
    """Return how the notebook's process is; `ready` where an old Pluto does not say."""
    return text(state, "process_status") or READY


def unfinished(state: Mapping[str, Any]) -> list[int]:
    """Return the places, from 1, of the cells that run or are yet to run."""
    return [place for place, cell in _cells(state) if cell.get("queued") or cell.get("running")]


def says_running(packed: bytes) -> bool:
    """Return whether a state, as it is packed, holds a cell that runs or waits.

    It is not unpacked, as by then it is a visitor who can say what is in it.
    """
    return any(mark in packed for mark in _RUNNING)


def cell_errors(state: Mapping[str, Any], notebook: str) -> tuple[CellError, ...]:
    """Return what failed, in the order of the cells."""
    failed = [(place, cell) for place, cell in _cells(state) if cell.get("errored")]
    return tuple(CellError(notebook, place, _error(cell)) for place, cell in failed[:MOST_ERRORS])


def known_bonds(state: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the bonds that have been given a value already."""
    return frozenset(mapping(state, "bonds"))


def outputs(state: Mapping[str, Any]) -> Iterator[str]:
    """Yield every text in what the cells show, however deep it stands, in the order of the cells."""
    for _, cell in _cells(state):
        yield from _texts(mapping(cell, "output").get("body"))
    yield from _texts(mapping(state, "published_objects"))


def cells_of(state: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each cell's id, empty if it is none, and its result, in the order of the notebook."""
    order = state.get("cell_order")
    results = mapping(state, "cell_results")
    for cell_id in order if isinstance(order, list) else []:
        name = cell_id if isinstance(cell_id, str) else ""
        yield name, mapping(results.get(name))


def _cells(state: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    return enumerate((result for _, result in cells_of(state)), start=1)


def _error(cell: Mapping[str, Any]) -> str:
    body = mapping(cell, "output").get("body")
    told = text(body, "msg") if isinstance(body, dict) else body if isinstance(body, str) else ""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return lines[0][:LONGEST_ERROR] if lines else "an error"


def _texts(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        match pending.pop():
            case str() as found:
                yield found
            case dict() as found:
                pending.extend(reversed(found.values()))
            case list() as found:
                pending.extend(reversed(found))
