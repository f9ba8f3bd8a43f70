"""What a preview may hold, and what keeps no instance from being warm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.kinds import opening
from pool.kinds.preview import (
    MAX_CONTENT,
    MAX_DESCRIPTION,
    MAX_PREVIEW,
    Cell,
    Output,
    Preview,
    bounded,
    shortened,
    size,
    told,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


def shows(**data: Any) -> Cell:
    return Cell("", "", outputs=(Output(data),))


def held(preview: Preview) -> int:
    return sum(
        size(cell.source) + sum(size(content) for content in output.data.values() if content is not None)
        for cell in preview.cells
        for output in cell.outputs
    )


def test_a_large_form_of_an_output_is_left_out_and_a_small_one_stays() -> None:
    (cell,) = bounded(Preview(cells=(shows(image="x" * (MAX_CONTENT + 1), text="a figure"),))).cells
    assert cell.outputs[0].data == {"image": None, "text": "a figure"}


def test_all_outputs_together_have_a_limit_and_the_cells_stay() -> None:
    many = Preview(cells=tuple(shows(image="x" * MAX_CONTENT) for _ in range(9)))
    kept = bounded(many)
    assert held(kept) <= MAX_PREVIEW
    assert len(kept.cells) == 9
    assert not kept.cut


def test_cells_beyond_the_limit_are_cut_and_that_is_told() -> None:
    kept = bounded(Preview(cells=tuple(Cell("", "x" * 2**20) for _ in range(9))))
    assert len(kept.cells) == 2
    assert kept.cut


def test_a_picture_in_markdown_counts_too() -> None:
    cell = Cell("", "", markdown=True, attachments={"a.png": {"image/png": "x" * (MAX_CONTENT + 1)}})
    assert bounded(Preview(cells=(cell,))).cells[0].attachments == {"a.png": None}


def test_cells_get_ids_that_differ() -> None:
    cells = bounded(Preview(cells=(Cell("a", ""), Cell("a", ""), Cell("", "")))).cells
    assert [cell.id for cell in cells] == ["a", "cell-2", "cell-3"]


def test_titles_and_descriptions_are_one_line_and_end_with_a_word() -> None:
    preview = bounded(Preview(title="A\n  title", description="word " * 500))
    assert preview.title == "A title"
    assert preview.description.endswith("word…")
    assert len(preview.description) <= MAX_DESCRIPTION + 1
    assert shortened("x" * 50, 10) == "x" * 10 + "…"


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.binary(), st.lists))
def test_the_size_of_anything_is_at_least_that_of_its_texts(content: Any) -> None:
    assert size([content, "ä" * 10]) >= 20


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Ada", ("Ada",)),
        (["Ada", {"name": "Grace", "url": "x"}, 3, {}, " "], ("Ada", "Grace")),
        ({"name": "Ada"}, ("Ada",)),
        (None, ()),
        (7, ()),
    ],
)
def test_authors_are_read_in_all_forms_people_write_them(value: Any, found: tuple[str, ...]) -> None:
    assert words(value) == found


def test_a_notebook_that_cannot_be_read_has_no_preview_and_raises_nothing() -> None:
    def fail(_: Mapping[str, Any]) -> Preview:
        raise RecursionError

    assert told(fail, {}) is None


def test_title_and_description_are_the_first_heading_and_paragraph_of_the_markdown() -> None:
    texts = [
        "<!-- licence -->\n\n```\n# no heading\n```",
        "Some `code` and [a *link*](x).\n\n# The **title**\n\nMore.",
    ]
    assert opening.of_markdown(texts) == ("The title", "Some code and a link.")
    assert opening.of_markdown([]) == ("", "")


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("The period of a pendulum of length $L$ is\n\n$$T$$\n\nMove the slider.", "Move the slider."),
        ("Where $x = 3$ it is $n$.", "Where x = 3 it is n."),
        ("With $\\frac{1}{2}$ of it.\n\nThen more.", "Then more."),
        ("By \\\\(x\\\\) alone.", ""),
        ("$$\nx\n$$", ""),
        ("\\begin{align}x\\end{align}\n\nAnd words", "And words"),
        ("It costs from $5 to $10.", "It costs from $5 to $10."),
        ("No end\n\nAn end.", "An end."),
        ("No end\n\nNone either", "No end"),
        ("No end\n\n" * 20 + "A sentence far behind.", "No end"),
    ],
)
def test_a_description_is_a_whole_sentence_if_there_is_one_and_holds_no_tex(
    text: str, description: str
) -> None:
    assert opening.of_markdown([text]) == ("", description)


def test_a_description_from_html_holds_no_tex_either() -> None:
    texts = ["<p>At <span class='tex'>$n$</span>:</p><p>\\[x\\] is it.</p><p>So.</p>"]
    assert opening.of_html(texts) == ("", "So.")
    assert opening.of_html(texts[:1] * 2) == ("", "So.")


def test_they_are_found_in_html_too() -> None:
    texts = [
        "<style>p {}</style><script>'<h1>no</h1>'</script>",
        "<p></p><h2>The <em>title</em></h2><p>Words &amp; more<p>",
    ]
    assert opening.of_html(texts) == ("The title", "")
    assert opening.of_html(["<h1>A</h1><p>b\n c</p>"]) == ("A", "b c")
