"""The author's cells, named by what stands in them."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.kinds.jupyter.sources import digest, digests, published


def notebook(*sources: str | list[str], cell_type: str = "code") -> dict[str, Any]:
    return {"cells": [{"cell_type": cell_type, "metadata": {}, "source": source} for source in sources]}


def test_a_digest_is_the_sha256_of_the_code() -> None:
    assert digest("a = 1\n") == hashlib.sha256(b"a = 1\n").hexdigest()


@pytest.mark.parametrize("other", ["a\r\nb", "a\rb"])
def test_how_lines_end_makes_no_difference(other: str) -> None:
    assert digest(other) == digest("a\nb")


@pytest.mark.parametrize(
    "other", ["a\nb\n", "a\nb ", " a\nb", "a\n\nb", "A\nb", "a\x0bb", "a\u2028b", "a\nb\0"]
)
def test_all_else_makes_a_difference(other: str) -> None:
    assert digest(other) != digest("a\nb")


def test_another_normal_form_of_a_name_is_another_code() -> None:
    assert digest(unicodedata.normalize("NFD", "ü = 1")) != digest(unicodedata.normalize("NFC", "ü = 1"))


def test_code_that_is_no_text_has_no_digest() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        digest("a = '\ud800'")
    assert digests(notebook("a = '\ud800'", "b")) == [digest("b")]


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]))))
def test_every_code_cell_has_one_blank_ones_too_and_equal_ones_share_theirs(sources: list[str]) -> None:
    found = digests(notebook(*sources))
    assert set(found) == {digest(source) for source in sources}
    assert len(found) == len(set(found))


def test_a_source_in_lines_is_the_lines_joined() -> None:
    assert digests(notebook(["a = 1\n", "b = 2"])) == [digest("a = 1\nb = 2")]


@pytest.mark.parametrize("cell_type", ["markdown", "raw"])
def test_text_cells_have_none(cell_type: str) -> None:
    assert digests(notebook("import os", cell_type=cell_type)) == []


@pytest.mark.parametrize("content", [{}, {"cells": 1}, {"cells": [{}]}, {"cells": [{"cell_type": "code"}]}])
def test_what_is_no_notebook_raises(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a notebook"):
        digests(content)


def test_what_is_published_names_notebook_session_and_kernel() -> None:
    session = {"id": "s", "path": "a.ipynb", "kernel": {"id": "k", "name": "python3"}}
    found = published(notebook("a = 1"), "a.ipynb", session)
    assert (found.notebook, found.session, found.kernel, found.kernel_name) == (
        "a.ipynb",
        "s",
        "k",
        "python3",
    )
    assert found.cells == [digest("a = 1")]
