"""Which cells a reader may run, and what of such a request reaches the kernel."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from gateway.policy.jupyter.limits import ABORTING
from tests.unit.gateway.policy.jupyter.page import CELLS, FORMATS, Page, execute, head

pytestmark = pytest.mark.parametrize("protocol", FORMATS)


@pytest.mark.parametrize("cell", CELLS)
def test_an_authors_cell_is_run_as_the_author_wrote_it(protocol: str, cell: str) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.run(cell))
    assert (seen.channel, seen.header["msg_type"]) == ("shell", "execute_request")
    assert seen.content == execute(cell)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_lines_that_end_otherwise_reach_the_kernel_as_line_feeds(protocol: str, ending: str) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.run(CELLS[1].replace("\n", ending)))
    assert seen.content["code"] == CELLS[1]


@pytest.mark.parametrize(
    "code",
    [
        "n = 7",
        "n = 6 ",
        "n = 6\n",
        "\ufeffn = 6",
        "n = 6\0",
        "n = 6\u2028import os",
        "%run n = 6",
        CELLS[0] + "\n" + CELLS[1],
        unicodedata.normalize("NFD", CELLS[1]),
        "\uff4e = 6",  # a full-width n, which Python reads as n
        None,
        6,
        ["n = 6"],
        {"n": 6},
    ],
)
def test_any_other_code_is_refused(protocol: str, code: Any) -> None:
    page = Page(protocol)
    verdict = page.run(code)
    assert page.is_refused(verdict)
    assert page.answers(verdict) == [
        ("iopub", "status"),
        ("iopub", "error"),
        ("shell", "execute_reply"),
        ("iopub", "status"),
    ]


def test_user_expressions_beside_an_authors_cell_are_emptied(protocol: str) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.run(CELLS[0], user_expressions={"x": "__import__('os').system('id')"}))
    assert seen.content["user_expressions"] == {}


def test_a_cell_cannot_be_run_silently_or_left_out_of_the_history(protocol: str) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.run(CELLS[0], silent=True, store_history=False, allow_stdin=False))
    assert seen.content == execute(CELLS[0])


def test_fields_nobody_knows_go_no_further(protocol: str) -> None:
    page = Page(protocol)
    verdict = page.send(
        page.pack(
            "shell",
            {**head("execute_request"), "evil": 1},
            execute(CELLS[0], user_variables=["x"], evil=1),
            metadata={"cellId": "c-1", "deletedCells": ["c-2"], "trusted": True, "evil": 1},
            parent=head("execute_request", evil=1),
        )
    )
    (seen,) = page.forwarded(verdict)
    assert seen.content == execute(CELLS[0])
    assert seen.header == head("execute_request")
    assert seen.metadata == {"cellId": "c-1"}
    assert seen.parent == {}


def test_whether_the_rest_stops_at_an_error_is_the_pages_to_say(protocol: str) -> None:
    page = Page(protocol)
    (seen,) = page.forwarded(page.run(CELLS[0], stop_on_error=False))
    assert seen.content["stop_on_error"] is False


def test_a_version_whose_messages_the_kernel_would_rewrite_is_refused(protocol: str) -> None:
    # jupyter_client makes `user_expressions` of version 4's `user_variables`.
    page = Page(protocol)
    for version in ("4.1", "6.0", "5", "", "5.3 ", "5.x", "5.\u0663"):
        assert page.is_refused(page.say("shell", "execute_request", execute(CELLS[0]), version=version))


@pytest.mark.parametrize("channel", ["control", "stdin", "iopub"])
def test_a_cell_runs_on_no_other_channel(protocol: str, channel: str) -> None:
    page = Page(protocol)
    assert page.is_refused(page.say(channel, "execute_request", execute(CELLS[0])))


def test_a_cell_runs_on_no_subshell(protocol: str) -> None:
    page = Page(protocol)
    assert page.is_refused(page.say("shell", "execute_request", execute(CELLS[0]), subshell_id="x"))


def test_a_cell_brings_no_bytes(protocol: str) -> None:
    page = Page(protocol)
    assert page.is_refused(page.say("shell", "execute_request", execute(CELLS[0]), buffers=(b"x",)))


def test_the_page_is_told_why_and_that_nothing_has_run(protocol: str) -> None:
    page = Page(protocol)
    busy, error, reply, idle = map(page.read, page.run("import os").to_visitor)
    assert busy.content == {"execution_state": "busy"}
    assert idle.content == {"execution_state": "idle"}
    assert error.content["ename"] == "ReadOnly"
    assert error.content["evalue"] == "Only the author's cells can be run here."
    assert isinstance(error.content["traceback"], list)
    assert (reply.content["status"], reply.content["execution_count"]) == ("error", None)
    for each in (busy, error, reply, idle):
        assert each.parent["msg_id"] == page.last
        assert each.parent["session"] == "s-1"
        # What JupyterLab wants in every header (services/src/kernel/validate.ts).
        assert all(isinstance(each.header[name], str) for name in head("x"))
        assert each.header["msg_id"] != page.last
    assert len({each.header["msg_id"] for each in (busy, error, reply, idle)}) == 4


def test_the_cells_of_the_same_run_all_behind_a_refused_one_are_aborted(protocol: str) -> None:
    page = Page(protocol)
    page.run("import os")
    verdict = page.run(CELLS[0])
    assert page.is_refused(verdict)
    assert page.answers(verdict) == [("iopub", "status"), ("shell", "execute_reply"), ("iopub", "status")]
    assert page.read(verdict.to_visitor[1]).content == {"status": "aborted"}


def test_a_cell_that_is_run_later_is_not_aborted(protocol: str) -> None:
    page = Page(protocol)
    page.run("import os")
    page.clock.now += ABORTING
    assert page.forwarded(page.run(CELLS[0]))


def test_nothing_is_aborted_where_the_page_wants_to_go_on_after_errors(protocol: str) -> None:
    page = Page(protocol)
    page.run("import os", stop_on_error=False)
    assert page.forwarded(page.run(CELLS[0]))


def test_running_a_cell_is_a_visitors_doing(protocol: str) -> None:
    page = Page(protocol)
    assert page.run(CELLS[0]).active
    assert page.run("import os").active
    assert not page.say("shell", "kernel_info_request").active
