"""How far a notebook is, read from its state."""

from __future__ import annotations

from typing import Any

import msgpack

from pool.kinds.kind import CellError
from pool.kinds.pluto import state as states


def state(*cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A state of these cells, in this order."""
    ids = [f"id-{index}" for index in range(len(cells))]
    results = dict(zip(ids, cells, strict=True))
    # The map's own order is Julia's, which means nothing.
    return {"cell_order": ids, "cell_results": dict(reversed(results.items())), **more}


IDLE = {"queued": False, "running": False, "errored": False}


def failed(body: Any) -> dict[str, Any]:
    return {**IDLE, "errored": True, "output": {"body": body, "mime": "…"}}


def test_a_notebook_is_finished_when_no_cell_runs_or_waits() -> None:
    assert states.unfinished(state(IDLE, IDLE)) == []
    assert states.unfinished(state(IDLE, {**IDLE, "queued": True}, {**IDLE, "running": True})) == [2, 3]


def test_a_cell_without_a_result_yet_does_not_hold_anybody_up() -> None:
    assert states.unfinished({"cell_order": ["a", 3, None], "cell_results": {}}) == []
    assert states.unfinished({}) == []


def test_an_old_pluto_that_names_no_status_is_taken_for_ready() -> None:
    assert states.status(state()) == states.READY
    assert states.status(state(process_status="no_process")) in states.ENDED


def test_errors_are_told_by_place_and_first_line() -> None:
    body = {"msg": "UndefVarError: x not defined\nsecond line", "stacktrace": []}
    found = states.cell_errors(state(IDLE, failed(body), failed("syntax: incomplete")), "a.jl")
    assert found == (
        CellError("a.jl", 2, "UndefVarError: x not defined"),
        CellError("a.jl", 3, "syntax: incomplete"),
    )
    assert str(found[0]) == "a.jl, cell 2: UndefVarError: x not defined"


def test_an_error_of_an_unknown_shape_is_still_one() -> None:
    (found,) = states.cell_errors(state(failed([1, 2])), "a.jl")
    assert found.error == "an error"


def test_errors_are_told_in_moderation() -> None:
    found = states.cell_errors(state(*[failed("x" * 1000)] * 100), "a.jl")
    assert len(found) == states.MOST_ERRORS
    assert len(found[0].error) == states.LONGEST_ERROR


def test_every_text_of_an_output_is_looked_at_however_deep_it_stands() -> None:
    tree = {"elements": [[1, ["<bond def=a>", "text/html"]], ["k", {"deep": "<bond def=b>"}]], "n": 3}
    shown = state({**IDLE, "output": {"body": tree}}, {**IDLE, "output": {"body": "last"}})
    shown["published_objects"] = {"x": "published"}
    texts = list(states.outputs(shown))
    assert [text for text in texts if "bond" in text] == ["<bond def=a>", "<bond def=b>"]
    assert texts[-2:] == ["last", "published"]


def test_that_a_cell_runs_is_seen_without_unpacking() -> None:
    assert not states.says_running(msgpack.packb(state(IDLE, IDLE)))
    assert states.says_running(msgpack.packb(state(IDLE, {**IDLE, "running": True})))
    assert states.says_running(msgpack.packb(state({**IDLE, "queued": True})))
    assert not states.says_running(msgpack.packb(state({**IDLE, "output": {"body": "running\xc3 queued"}})))


def test_bonds_that_have_a_value_are_known() -> None:
    assert states.known_bonds(state(bonds={"n": {"value": 7}})) == {"n"}
    assert states.known_bonds({}) == frozenset()
