"""How much of a hostile text is made HTML: never more than a bounded number of steps."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gateway.previews import effort, markdown
from gateway.previews.code import LONGEST, coloured
from gateway.previews.rendering import render
from gateway.previews.terminal import MOST_SEQUENCES, printed
from pool.kinds.preview import Cell, Output, Preview
from tests.support.reading_html import Found

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_STEPS = 3_000_000
"""Calls of functions; a million take about half a second."""

PIECES = {
    "environments": "\\begin{align}\n",
    "environments in paragraphs": "\\begin{align}\n\n",
    "items": "* a\n",
    "brackets": "[",
    "pictures": "![",
    "links": "[a](",
    "formulas": "$x$ ",
    "primes": "$" + "a'" * 900 + "$ ",
    "titles": "a\n-\n",
    "rules": "- -\n",
    "emphasis": "**a *b",
    "table": "|a|b|\n|-|-|\n",
}


def large(piece: str) -> str:
    return piece * (effort.LONGEST // len(piece))


def largest(piece: str) -> str:
    """About as much of a piece as is made HTML."""
    count = effort.LONGEST // len(piece)
    while not effort.is_small(piece * count):
        count = count * 9 // 10
    return piece * count


def steps(work: Callable[[], object]) -> int:
    """How many functions are called for it."""
    count = 0

    def called(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def is_plain(source: str) -> bool:
    found = Found(render(Preview(cells=(Cell("a", source, markdown=True),))).html)
    return [each.get("class") for each in found.all("pre")] == ["plain"]


@pytest.mark.parametrize("piece", PIECES.values(), ids=list(PIECES))
def test_much_of_what_takes_long_is_shown_as_it_is_written(piece: str) -> None:
    assert is_plain(large(piece))


@pytest.mark.parametrize("name", ["environments", "items", "pictures", "primes"])
def test_all_that_is_made_html_takes_a_bounded_number_of_steps(name: str) -> None:
    text = largest(PIECES[name])
    assert len(text) > 1000
    assert steps(lambda: markdown.rendered(text)) < MOST_STEPS


def test_a_text_as_long_as_a_chapter_is_made_html() -> None:
    text = "A sentence of some words, as **they** stand in books: $x^2$.\n\n" * 500
    assert not is_plain(text)


def test_a_text_that_is_longer_than_any_is_shown_as_it_is_written() -> None:
    assert not is_plain("a" * effort.LONGEST)
    assert is_plain("a" * (effort.LONGEST + 1))


def test_a_table_is_not_filled_up_without_end() -> None:
    wide = "|" + "a|" * 1000 + "\n|" + "-|" * 1000 + "\n"
    assert is_plain(wide + "|\n" * 100)
    assert not is_plain(wide)


def test_many_cells_of_such_texts_take_no_longer_than_a_few() -> None:
    text = "*a* " + "!" * (effort.MOST_MARKS - 2)
    cells = [Cell(f"a{number}", text, markdown=True) for number in range(20)]
    code = Cell("b", "import x", outputs=(Output({"text/plain": "3"}),))
    *made, last = render(Preview(cells=(*cells, code))).cells
    assert ["<em>" in cell.html for cell in made] == [True] * 10 + [False] * 10
    assert Found(last.html).text == "Codeimport x3"


def test_a_text_that_changes_its_colour_without_end_keeps_one() -> None:
    words = "\x1b[31mred\x1b[0m\n"
    assert "<span" in printed(words * (MOST_SEQUENCES // 2))
    assert printed(words * MOST_SEQUENCES) == "red\n" * MOST_SEQUENCES


def is_coloured(source: str, language: str) -> bool:
    return "<span" in coloured(source, language)


def test_code_keeps_one_colour_where_its_language_takes_long_to_read() -> None:
    assert is_coloured("x = 1", "python")
    assert not is_coloured("let x = 1", "ocaml")


def test_code_keeps_one_colour_where_it_is_long_or_blank() -> None:
    line = "x = 1\n"
    assert is_coloured(line * (LONGEST // len(line)), "python")
    assert not is_coloured(line * (LONGEST // len(line) + 1), "python")
    assert not is_coloured(line + "\n" * 300 + line, "python")
