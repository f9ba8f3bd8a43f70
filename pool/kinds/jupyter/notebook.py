"""Reads what to run out of a notebook and puts the results back. Pure; nbformat 4, as the server gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pool.kinds.jupyter.outputs import Output

GOES_ON_AFTER_ERROR = "raises-exception"
"""The tag of a cell that is meant to fail (nbformat, "Cell tags")."""


@dataclass(frozen=True, slots=True)
class CodeCell:
    """One cell to run. `index` is its place among all cells, from 0."""

    index: int
    source: str = field(repr=False)
    goes_on_after_error: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What running a cell gave."""

    count: int | None
    outputs: Sequence[Output] = field(repr=False)


def code_cells(notebook: Mapping[str, Any]) -> list[CodeCell]:
    """Return the cells "Run all" would run, in order. Raises ValueError for what is no notebook."""
    return [cell for cell in _code_cells(notebook) if cell.source.strip()]


def sources(notebook: Mapping[str, Any]) -> list[str]:
    """Return what stands in every code cell, in order, blank ones too. Raises ValueError for what is no
    notebook.
    """
    return [cell.source for cell in _code_cells(notebook)]


def _code_cells(notebook: Mapping[str, Any]) -> list[CodeCell]:
    try:
        return [
            CodeCell(
                index=index,
                source=_joined(cell["source"]),
                goes_on_after_error=GOES_ON_AFTER_ERROR in (mapping(cell, "metadata").get("tags") or ()),
            )
            for index, cell in enumerate(notebook["cells"])
            if cell["cell_type"] == "code"
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a notebook") from error


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def kernel_name(notebook: Mapping[str, Any], kernelspecs: Mapping[str, Any]) -> str:
    """Return the kernel the notebook asks for, or the server's default when that one is not installed.
    `kernelspecs` is the answer of `GET api/kernelspecs`.
    """
    wanted = text(mapping(notebook, "metadata", "kernelspec"), "name")
    return wanted if wanted in mapping(kernelspecs, "kernelspecs") else text(kernelspecs, "default")


def with_results(
    notebook: Mapping[str, Any],
    results: Mapping[int, Result],
    *,
    kernelspec: Mapping[str, Any],
    language_info: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the notebook with the outputs of the cells that ran. The others keep theirs.

    Every code cell is marked trusted, so that the server signs the whole: the author's code has just run, its
    outputs may as well. The kernel's facts are written as a page writes them when it connects; a page that
    found others would count the notebook as changed and save it.
    """
    cells = []
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            cells.append(cell)
            continue
        changed = {**cell, "metadata": {**mapping(cell, "metadata"), "trusted": True}}
        if (result := results.get(index)) is not None:
            changed["execution_count"] = result.count
            changed["outputs"] = list(result.outputs)
        cells.append(changed)
    metadata = {
        **mapping(notebook, "metadata"),
        "kernelspec": {**kernelspec},
        "language_info": {**language_info},
    }
    return {**notebook, "cells": cells, "metadata": metadata}
