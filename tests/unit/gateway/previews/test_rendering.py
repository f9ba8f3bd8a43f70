"""A whole notebook: order, names of cells, folded code, the picture that stands for it."""

from __future__ import annotations

import base64
from typing import Any

from gateway.previews.rendering import MAX_EXCERPT, render
from pool.kinds.preview import STDOUT, Cell, Output, Preview
from tests.support.reading_html import Found


def preview(*cells: Cell, **more: Any) -> Preview:
    return Preview(cells=cells, language="python", **more)


PRINTS = Cell("a", "print(1)", outputs=(Output({STDOUT: "1\n"}),))


def test_outputs_stand_below_their_code_or_above_as_the_notebook_has_them() -> None:
    assert Found(render(preview(PRINTS)).html).text == "Codeprint(1)1"
    assert Found(render(preview(PRINTS, outputs_first=True)).html).text == "1Codeprint(1)"


def test_code_is_open_folded_or_not_there() -> None:
    cells = (Cell("a", "x"), Cell("b", "y", folded=True), Cell("c", "z", hidden=True))
    found = Found(render(preview(*cells)).html)
    assert ["open" in each for each in found.all("details")] == [True, False]
    assert "z" not in found.text


def test_code_is_coloured_by_classes() -> None:
    found = Found(render(preview(Cell("a", "import math"))).html)
    assert "kn" in [each.get("class") for each in found.all("span")]
    assert not any("style" in attributes for _, attributes in found.elements)


def test_code_of_an_unknown_language_is_code_all_the_same() -> None:
    shown = render(Preview(cells=(Cell("a", "x <- 1"),), language="no such language"))
    assert Found(shown.html).text == "Codex <- 1"


def test_markdown_has_tables_and_code_in_colours() -> None:
    source = "# A\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```python\nimport x\n```\n"
    found = Found(render(preview(Cell("a", source, markdown=True))).html)
    assert len(found.all("td")) == 2
    assert "kn" in [each.get("class") for each in found.all("span")]


def test_cells_keep_their_ids_where_these_will_do_and_no_two_are_alike() -> None:
    cells = [Cell(name, "x") for name in ("a-1", "<b>", "a-1", "cell-2", "ü", "y" * 100)]
    names = [cell.id for cell in render(preview(*cells)).cells]
    assert names[0] == "a-1"
    assert len(set(names)) == len(cells)
    assert all(f'id="cell-{cell.id}"' in cell.html for cell in render(preview(*cells)).cells)


def test_cells_with_nothing_to_see_are_left_out() -> None:
    assert render(preview(Cell("a", "", hidden=True), Cell("b", " ", markdown=True))).cells == ()


def test_what_was_cut_is_announced_at_the_end() -> None:
    assert "Too large" in render(preview(PRINTS, cut=True)).cells[-1].html


def test_the_excerpt_has_texts_and_outputs_and_no_ids() -> None:
    excerpt = render(preview(Cell("t", "# Title", markdown=True), PRINTS)).excerpt
    assert Found(excerpt).text == "Title 1"
    assert not any("id" in attributes for _, attributes in Found(excerpt).elements)


def test_the_excerpt_shows_code_where_there_is_nothing_else() -> None:
    assert "print" in Found(render(preview(Cell("a", "print(1)"))).excerpt).text


def test_the_excerpt_leaves_out_what_is_large() -> None:
    large = Cell("a", "", outputs=(Output({STDOUT: "x" * MAX_EXCERPT}),))
    assert Found(render(preview(large, PRINTS)).excerpt).text == "1"


def test_the_first_picture_that_is_no_icon_stands_for_the_notebook() -> None:
    def shows(mime: str, content: Any) -> Cell:
        return Cell("a", "", outputs=(Output({mime: content}),))

    icon, svg = shows("image/png", base64.b64encode(b"x" * 50).decode()), shows("image/svg+xml", "<svg/>")
    broken = shows("image/png", "?" * 9000)
    photo = shows("image/jpeg", base64.b64encode(b"y" * 5000).decode())
    picture = render(preview(icon, svg, broken, photo)).picture
    assert picture is not None
    assert (picture.mime, picture.content) == ("image/jpeg", b"y" * 5000)
    assert render(preview(icon, svg)).picture is None


def test_the_same_notebook_has_the_same_digest_and_another_has_another() -> None:
    assert render(preview(PRINTS)).digest == render(preview(PRINTS)).digest
    assert render(preview(PRINTS)).digest != render(preview(Cell("a", "print(2)"))).digest
