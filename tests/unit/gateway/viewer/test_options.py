from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.viewer.options import CELL, Live, Options, options


def test_an_embed_is_whole_has_its_bar_and_waits_for_a_click() -> None:
    assert options([]) == Options(Live.CLICK, (), bar=True)


def test_the_author_chooses() -> None:
    query = [("live", "visible"), ("cells", "a,b-1,a,,C_2"), ("bar", "0"), ("utm_source", "x")]
    assert options(query) == Options(Live.VISIBLE, ("a", "b-1", "C_2"), bar=False)


@pytest.mark.parametrize(
    "query",
    [
        [("live", "always")],
        [("live", "")],
        [("bar", "no")],
        [("cells", "a b")],
        [("cells", "../x")],
        [("cells", "a" * 65)],
        [("cells", ",".join(map(str, range(51))))],
        [("live", "click"), ("live", "visible")],
    ],
)
def test_what_means_nothing_or_two_things_is_refused(query: list[tuple[str, str]]) -> None:
    with pytest.raises(BadRequest):
        options(query)


@given(st.text())
def test_only_plain_ids_get_through(cells: str) -> None:
    try:
        found = options([("cells", cells)]).cells
    except BadRequest:
        return
    assert all(CELL.fullmatch(cell) for cell in found)
