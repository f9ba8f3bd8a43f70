"""What an executed notebook shows, read from its nbformat."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.kinds.jupyter.preview import preview_of
from pool.kinds.preview import ERROR, STDERR, STDOUT, Cell, Preview


def markdown(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}, **more}


def code(source: str, *outputs: Any, tags: Any = (), **metadata: Any) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "outputs": list(outputs),
        "metadata": {"tags": list(tags), **metadata},
    }


def of(*cells: Any, **metadata: Any) -> Preview:
    return preview_of({"cells": list(cells), "metadata": metadata, "nbformat": 4})


def only(*cells: Any) -> Cell:
    (cell,) = of(*cells).cells
    return cell


def test_metadata_tells_title_description_authors_tags_and_language() -> None:
    preview = of(
        markdown("# Heading\n\nParagraph."),
        title="Title",
        description="Description.",
        authors=[{"name": "Ada"}, {"name": "Grace"}],
        tags=["waves"],
        language_info={"name": "R"},
    )
    assert (preview.title, preview.description) == ("Title", "Description.")
    assert (preview.authors, preview.tags, preview.language) == (("Ada", "Grace"), ("waves",), "r")


def test_the_first_text_tells_them_where_metadata_does_not() -> None:
    preview = of(code("x = 1"), markdown(["## Hea", "ding\n", "\n", "Paragraph."]))
    assert (preview.title, preview.description) == ("Heading", "Paragraph.")


def test_the_kernel_tells_the_language_where_nothing_else_does() -> None:
    assert of(kernelspec={"language": "Julia"}).language == "julia"


def test_outputs_are_kept_in_all_their_forms() -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]},
        {"output_type": "stream", "name": "stderr", "text": "c"},
        {"output_type": "display_data", "data": {"image/png": ["aa", "bb"], "application/json": [1]}},
        {"output_type": "execute_result", "data": {"text/plain": "1"}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
        {"output_type": "unknown"},
        None,
    ]
    assert [output.data for output in only(code("x", *outputs)).outputs] == [
        {STDOUT: "a\nb"},
        {STDERR: "c"},
        {"image/png": "aabb", "application/json": [1]},
        {"text/plain": "1"},
        {ERROR: {"ename": "E", "evalue": "v", "traceback": ["t"]}},
    ]


def test_what_the_author_folded_or_removed_is_so_in_the_preview() -> None:
    assert only(code("x", tags=["hide-input"])).folded
    assert only(code("x", jupyter={"source_hidden": True})).folded
    assert only(code("x", tags=["remove-input"])).hidden
    assert only(code("x", {"output_type": "stream", "text": "a"}, tags=["remove-output"])).outputs == ()
    assert of(code("x", tags=["remove-cell"]), {"cell_type": "raw", "source": "x"}).cells == ()


def test_pictures_attached_to_a_text_come_along() -> None:
    attachments = {"a.png": {"image/png": "aaaa"}}
    assert only(markdown("![a](attachment:a.png)", attachments=attachments)).attachments == attachments


def test_a_cell_has_its_own_id_or_its_place() -> None:
    assert [cell.id for cell in of({**code("x"), "id": "own"}, code("y")).cells] == ["own", "cell-2"]


@pytest.mark.parametrize(
    "notebook", [{}, {"cells": 3}, {"cells": [None, 3, {}]}, {"metadata": [], "cells": {}}]
)
def test_what_is_no_notebook_shows_nothing(notebook: dict[str, Any]) -> None:
    assert preview_of(notebook) == Preview()


KEYS = [
    "cells",
    "cell_type",
    "metadata",
    "source",
    "outputs",
    "output_type",
    "data",
    "text",
    "tags",
    "authors",
]
VALUES = ["code", "markdown", "stream", "error", "display_data", "# x", None, 1, True]
odd = st.recursive(
    st.sampled_from(VALUES) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@given(st.dictionaries(st.sampled_from(KEYS), odd))
def test_no_notebook_is_too_odd_to_be_read(notebook: dict[str, Any]) -> None:
    preview_of(notebook)
