"""Each output in its best form, and a word where there is none to show."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from gateway.previews.outputs import LARGE_NOTE, LIVE_NOTE, shown
from gateway.previews.pictures import without_inline_svg
from gateway.previews.pluto import readable
from pool.kinds.jupyter.widgets import VIEW
from pool.kinds.preview import ERROR, MAX_CONTENT, STDERR, STDOUT, Output
from tests.support.reading_html import Found

if TYPE_CHECKING:
    from collections.abc import Callable

PNG = base64.b64encode(b"\x89PNG").decode()
TREE = "application/vnd.pluto.tree+object"


def see(data: dict[str, Any], label: str = "") -> Found:
    return Found(shown(Output(data, label)))


def test_a_picture_wins_over_words_about_it() -> None:
    (image,) = see({"text/plain": "<Figure size 640x480>", "image/png": PNG + "\n"}).all("img")
    assert image["src"] == f"data:image/png;base64,{PNG}"
    assert image["alt"]


def test_plutos_pictures_are_bytes() -> None:
    (image,) = see({"image/png": b"\x89PNG"}).all("img")
    assert image["src"] == f"data:image/png;base64,{PNG}"


def test_what_is_no_picture_gives_way_to_the_next_form() -> None:
    assert see({"image/png": "no base64!", "text/plain": "a figure"}).text == "a figure"


def test_html_wins_over_plain_text() -> None:
    found = see({"text/plain": "   a\n0  1", "text/html": "<table><tr><td>1</td></tr></table>"})
    assert [tag for tag, _ in found.elements] == ["div", "table", "tbody", "tr", "td"]


@pytest.mark.parametrize(
    "data",
    [
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "IntSlider(value=7)"},
        {"application/vnd.plotly.v1+json": None, "text/html": "<div>Loading</div>"},
        {"application/vnd.vegalite.v5+json": {}, "text/plain": "alt.Chart(...)"},
        {"application/javascript": "alert(1)"},
        {"text/html": "<div></div><script>draw()</script>"},
        {"text/html": "<iframe srcdoc='<p>map</p>'></iframe>"},
    ],
)
def test_what_needs_scripts_is_announced(data: dict[str, Any]) -> None:
    assert see(data).text == LIVE_NOTE


def test_what_needs_scripts_is_shown_by_its_picture_where_it_has_one() -> None:
    assert see({"application/vnd.plotly.v1+json": None, "image/png": PNG}).all("img")


def test_what_was_left_out_for_its_size_is_announced() -> None:
    assert see({"image/png": None}).text == LARGE_NOTE
    assert see({"image/png": None, "text/plain": "small"}).text == "small"


def test_nothing_is_shown_of_forms_nobody_knows() -> None:
    assert shown(Output({"x/unknown": "?", "text/plain": "  "})) == ""


def test_what_is_printed_keeps_its_colours_by_class() -> None:
    text = "\x1b[1;31mred\x1b[0m \x1b[38;5;28mgreen\x1b[39m \x1b[38;2;9;9;200mblue\x1b[m <plain>\x1b[2K\n"
    found = see({STDOUT: text})
    assert [each.get("class") for each in found.all("span")] == [
        "ansi-red ansi-bold",
        "ansi-green",
        "ansi-blue",
    ]
    assert found.text == "red green blue <plain>"


def test_a_progress_bar_is_seen_as_it_ended() -> None:
    assert see({STDERR: " 10%\r 50%\r100%\ndone"}).text == "100% done"


def test_an_error_is_one_line_with_the_rest_below() -> None:
    found = see(
        {ERROR: {"ename": "ValueError", "evalue": "no <such> thing", "traceback": ["\x1b[31mline 1\x1b[0m"]}}
    )
    assert found.text == "ValueError: no <such> thingline 1"
    assert [tag for tag, _ in found.elements][:2] == ["details", "summary"]


def test_formulas_become_mathml() -> None:
    for data in (
        {"text/latex": r"$\frac{a}{b}$"},
        {"text/markdown": r"so $\frac{a}{b}$"},
        {"text/html": r'<span class="tex">$\frac{a}{b}$</span>'},
    ):
        assert see(data).all("mfrac") == [{}]


@pytest.mark.parametrize("tex", [r"\unknowncommand{x}", r"\frac{a", "x" * 5000, r"\sqrt{" * 300, "a & b"])
def test_a_formula_that_cannot_be_set_is_shown_as_it_is_written(tex: str) -> None:
    found = see({"text/latex": tex})
    assert found.text == tex
    assert not found.all("math")


def test_controls_are_seen_as_they_stand_and_take_no_input() -> None:
    html = """<bond def="n"><input type="range" min="1" max="9" value="7" oninput="go()"></bond>
        <select><option>a<option selected>b</select><button>go</button><textarea>text</textarea>"""
    found = see({"text/html": html})
    (slider,) = found.all("input")
    assert slider == {"type": "range", "min": "1", "max": "9", "value": "7", "disabled": ""}
    assert all("disabled" in each for tag in ("select", "button", "textarea") for each in found.all(tag))


def test_plutos_values_have_the_name_they_were_given() -> None:
    assert see({"text/plain": "9.81"}, label="g").text == "g = 9.81"
    assert see({"text/html": "<p>x</p>"}, label="g").text == "x"


def test_plutos_trees_are_written_out() -> None:
    inner = {
        "type": "Array",
        "prefix": "Int64",
        "prefix_short": "",
        "elements": [[1, ["5", "text/plain"]], "more"],
    }
    tree = {
        "type": "Dict",
        "prefix": "Dict{String, Any}",
        "elements": [[['"a"', "text/plain"], [inner, TREE]]],
    }
    assert see({TREE: tree}).text == 'Dict{String, Any}("a" => [5…])'
    pair = {"type": "Pair", "key_value": [["1", "text/plain"], ["2", "text/plain"]]}
    assert see({TREE: pair}).text == "1 => 2"
    named = {"type": "NamedTuple", "prefix": "", "elements": [["x", ["1", "text/plain"]]]}
    assert see({TREE: named}).text == "(x = 1)"


def test_plutos_tables_have_their_columns_names_and_types() -> None:
    table = {
        "schema": {"names": ["h", "more"], "types": ["Int64", "more"]},
        "rows": [[1, [["10", "text/plain"], ["…", "text/plain"]]], "more"],
    }
    found = see({"application/vnd.pluto.table+object": table})
    assert found.text == "hInt64……110……"
    assert [each.get("scope") for each in found.all("th")] == [None, "col", "col", "row"]


def test_an_authors_colours_stand_on_white_paper() -> None:
    (box,) = see({"text/html": '<p style="color: black">x</p>'}).all("div")
    assert box["class"] == "html paper"


def test_jupyters_widgets_are_drawn_as_they_stood_with_what_they_had_shown() -> None:
    slider = {"model": "IntSlider", "description": "n", "min": 1, "max": 9, "step": 1, "value": 7}
    menu = {"model": "Dropdown", "description": "kind", "_options_labels": ["a", "b"], "index": 1}
    caught = {"model": "Output", "outputs": [{STDOUT: "49\n"}]}
    unknown = {"model": "SpecialMap", "value": 3}
    found = see(
        {VIEW: {"model": "VBox", "children": [slider, menu, unknown, caught]}, "text/plain": "interactive(…)"}
    )
    assert found.text == "n7kindab49"
    (control,) = found.all("input")
    assert control == {"type": "range", "min": "1", "max": "9", "step": "1", "value": "7", "disabled": None}
    assert ["selected" in each for each in found.all("option")] == [False, True]


@pytest.mark.parametrize("widget", [{}, None, {"model": "SpecialMap"}, {"model": "VBox", "children": []}])
def test_a_widget_that_cannot_be_drawn_is_announced(widget: Any) -> None:
    assert see({VIEW: widget, "text/plain": "SpecialMap(…)"}).text == LIVE_NOTE


@pytest.mark.parametrize(
    ("read", "piece", "behind"),
    [
        (without_inline_svg, "<svg>", ""),
        (without_inline_svg, "<svg ", "</svg>"),
        (readable, '<p class="tex">', ""),
        (readable, '<code class="language-x">', ""),
    ],
)
def test_what_never_ends_stays_as_it_is(read: Callable[[str], str], piece: str, behind: str) -> None:
    # Each of these looked for to the end would take minutes, in which the gateway does nothing else.
    html = piece * (MAX_CONTENT // len(piece)) + behind
    assert read(html) == html
