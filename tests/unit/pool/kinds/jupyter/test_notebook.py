"""What of a notebook is run, and what it looks like afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from pool.kinds.jupyter.notebook import Result, code_cells, kernel_name, with_results


def code(source: str | list[str], **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": "c",
        "metadata": metadata,
        "source": source,
        "execution_count": 9,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
    }


TEXT = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "words"}


def notebook(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def finished(before: dict[str, Any], results: dict[int, Result]) -> dict[str, Any]:
    return with_results(before, results, kernelspec={"name": "k"}, language_info={"name": "l"})


def test_code_cells_are_run_in_order_and_known_by_their_place() -> None:
    cells = code_cells(notebook(TEXT, code("a"), TEXT, code(["b\n", "c"])))
    assert [(cell.index, cell.source) for cell in cells] == [(1, "a"), (3, "b\nc")]


def test_blank_cells_are_not_run() -> None:
    assert code_cells(notebook(code(""), code(" \n"))) == []


def test_a_cell_tagged_raises_exception_may_fail() -> None:
    cells = code_cells(notebook(code("a", tags=["raises-exception"]), code("b", tags=None), code("c")))
    assert [cell.goes_on_after_error for cell in cells] == [True, False, False]


@pytest.mark.parametrize(
    "raw", [{}, {"cells": None}, {"cells": [{}]}, {"cells": ["x"]}, {"cells": [{"cell_type": "code"}]}]
)
def test_what_is_no_notebook_is_a_value_error(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a notebook"):
        code_cells(raw)


SPECS = {"default": "python3", "kernelspecs": {"python3": {}, "julia": {}}}


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"kernelspec": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"name": "fortran"}}, "python3"),
        ({"kernelspec": {}}, "python3"),
        ({"kernelspec": None}, "python3"),
        ({}, "python3"),
    ],
)
def test_the_notebooks_kernel_is_taken_when_it_is_installed(metadata: dict[str, Any], name: str) -> None:
    assert kernel_name(notebook(**metadata), SPECS) == name


def test_a_server_that_lists_no_kernels_chooses_itself() -> None:
    assert kernel_name(notebook(), {}) == ""


def test_results_replace_count_and_outputs_of_the_cells_that_ran() -> None:
    new = {"output_type": "stream", "name": "stdout", "text": "new"}
    after = finished(notebook(TEXT, code("a"), code("b")), {1: Result(1, [new])})
    assert after["cells"][1]["execution_count"] == 1
    assert after["cells"][1]["outputs"] == [new]
    assert after["cells"][2]["execution_count"] == 9
    assert after["cells"][2]["outputs"][0]["text"] == "old"


def test_every_code_cell_is_trusted_so_that_the_server_signs() -> None:
    after = finished(notebook(TEXT, code("a", tags=["t"]), code("b")), {})
    assert [cell["metadata"] for cell in after["cells"]] == [
        {},
        {"tags": ["t"], "trusted": True},
        {"trusted": True},
    ]


def test_the_notebook_says_which_kernel_ran_it_and_keeps_the_rest() -> None:
    after = finished(notebook(author="me", kernelspec={"name": "gone"}), {})
    assert after["metadata"] == {"author": "me", "kernelspec": {"name": "k"}, "language_info": {"name": "l"}}
    assert (after["nbformat"], after["nbformat_minor"]) == (4, 5)


def test_the_notebook_that_was_read_stays_as_it_was() -> None:
    before = notebook(code("a"))
    finished(before, {0: Result(1, [])})
    assert before == notebook(code("a"))
