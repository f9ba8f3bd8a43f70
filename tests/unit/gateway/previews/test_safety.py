"""Whatever stands in a notebook, its preview runs, loads and sends nothing."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.previews.cleaning import MOST_TAGS, clean
from gateway.previews.rendering import render
from gateway.previews.widgets import _CONTROLS
from pool.kinds.jupyter.widgets import VIEW
from pool.kinds.preview import ERROR, STDERR, STDOUT, Cell, Output, Preview
from tests.support.reading_html import Found

HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://evil.example/pixel.gif>",
    "<img src='data:text/html,<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    "<math><mtext><style><img title='</style><img src onerror=alert(1)>'>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<form action=https://evil.example><input name=q><input type=submit></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x><link rel=stylesheet href=//evil.example>",
    "<base href=//evil.example><meta http-equiv=refresh content='0;url=//evil.example'>",
    "<div style='background:url(//evil.example/x)'>x</div>",
    "<div style='position:fixed;inset:0'>x</div>",
    "<details open ontoggle=alert(1)><summary>x",
    "<input autofocus onfocus=alert(1)>",
    "<input type=image src=//evil.example/x>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><script>alert(1)</script>",
    "</pre></div></section><script>alert(1)</script>",
    "<p id=stay class=button>x</p>",
    "[x](javascript:alert(1)) ![y](javascript:alert(1)) <javascript:alert(1)>",
    "![x](https://evil.example/pixel.gif) ![y](//evil.example/p.gif) ![z](../../x.png)",
    "$\\text{<script>alert(1)</script>}$ $$\\href{javascript:alert(1)}{x}$$",
    "```<script>\n<img src=x onerror=alert(1)>\n```",
    "\x1b[31m<script>alert(1)</script>\x1b[0m",
    '<span class="tex">$\\text{<img src=x onerror=alert(1)>}$</span>',
    '<code class="language-julia">"&lt;script&gt;alert(1)&lt;/script&gt;"</code>',
]
MIMES = [
    "text/html",
    "text/plain",
    "text/markdown",
    "text/latex",
    "image/svg+xml",
    "image/png",
    "application/json",
    "application/javascript",
    "application/vnd.jupyter.widget-view+json",
    STDOUT,
    STDERR,
    "x/unknown",
]
TREE, TABLE = "application/vnd.pluto.tree+object", "application/vnd.pluto.table+object"
DIV = "application/vnd.pluto.divelement+object"


def faults(*cells: Cell) -> list[str]:
    rendered = render(Preview(cells=cells, language="python"))
    return Found(rendered.html).faults + Found(rendered.excerpt).faults


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_no_harm_in_markdown(text: str) -> None:
    assert faults(Cell("a", text, markdown=True)) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_no_harm_as_code(text: str) -> None:
    assert faults(Cell("a", text), Cell("b", text, folded=True)) == []


@pytest.mark.parametrize("mime", MIMES)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_no_harm_in_an_output(text: str, mime: str) -> None:
    assert faults(Cell("a", "", outputs=(Output({mime: text}, label=text),))) == []


def widget(model: str, text: str) -> dict[str, Any]:
    said = dict.fromkeys(("value", "description", "min", "max", "step", "index"), text)
    return {"model": model, **said, "_options_labels": [text], "outputs": [{"text/html": text, text: text}]}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_does_no_harm_in_what_pluto_and_widgets_show(text: str) -> None:
    part: list[Any] = [text, "text/html"]
    outputs: list[dict[str, Any]] = [
        {TREE: {"type": "Dict", "prefix": text, "elements": [[part, [text, "text/plain"]], text]}},
        {TREE: {"type": "NamedTuple", "prefix": text, "elements": [[text, part], "more"]}},
        {TREE: {"type": text, "prefix": text, "elements": [[1, part]]}},
        {TREE: {"type": "Pair", "key_value": [part, [text, text]]}},
        {TABLE: {"schema": {"names": [text], "types": [text]}, "rows": [[text, [part]], text]}},
        {DIV: {"style": text, "classname": text, "children": [part, text]}},
        {VIEW: {"model": "VBox", "children": [widget(name, text) for name in (*_CONTROLS, "Output", text)]}},
        {ERROR: {"ename": text, "evalue": text, "traceback": [text]}},
    ]
    assert faults(Cell(text, "", outputs=tuple(Output(data) for data in outputs))) == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_picture_that_is_an_attachment_is_a_picture_or_nothing(text: str) -> None:
    attachments = {"a.png": {"image/svg+xml": text}, "b.png": {text: text}, "c.png": text}
    source = "![a](attachment:a.png) ![b](attachment:b.png) ![c](attachment:c.png)"
    assert faults(Cell("a", source, markdown=True, attachments=attachments)) == []


hostile = st.lists(
    st.sampled_from([*HOSTILE, "<", ">", '"', "'", "$", "`", "\n\n", "<math>", "<mi>"]) | st.text()
)


@given(texts=hostile, mime=st.sampled_from(["text/html", "text/markdown", "text/latex", "text/plain"]))
def test_hostile_texts_do_no_harm_however_they_are_put_together(texts: list[str], mime: str) -> None:
    text = "".join(texts)
    assert faults(Cell("a", text, markdown=True), Cell("b", text, outputs=(Output({mime: text}),))) == []


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.sampled_from([TREE, TABLE, DIV]),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["type", "elements", "rows", "schema"]), inner)
    ),
)


@given(content=json, mime=st.sampled_from([*MIMES, TREE, TABLE, DIV, ERROR]))
def test_an_output_of_any_form_is_shown_or_left_out(content: Any, mime: str) -> None:
    assert faults(Cell("a", "", outputs=(Output({mime: content}),))) == []


@given(texts=hostile)
def test_what_has_been_cleaned_stays_as_it_is(texts: list[str]) -> None:
    # Else a browser would read something else out of it than the cleaner did.
    once = clean("".join(texts))
    assert once is not None
    assert clean(once) == once


def test_too_much_html_is_not_read_at_all() -> None:
    assert clean("<b>" * (MOST_TAGS + 1)) is None
    shown = render(Preview(cells=(Cell("a", "", outputs=(Output({"text/html": "<b>" * (MOST_TAGS + 1)}),)),)))
    assert "Too large" in shown.html


def test_no_id_or_class_of_the_authors_is_left() -> None:
    html = render(Preview(cells=(Cell("a", "<p id=stay class='button notice'>x</p>", markdown=True),))).html
    assert [(e.get("id"), e.get("class")) for _, e in Found(html).elements] == [
        ("cell-a", "cell text"),
        (None, None),
    ]


def test_links_lead_out_and_tell_nobody_where_from() -> None:
    found = Found(render(Preview(cells=(Cell("a", "[x](https://example.org)", markdown=True),))).html)
    assert found.all("a") == [{"href": "https://example.org", "rel": "nofollow noopener noreferrer"}]


def test_a_drawing_is_shown_as_a_picture_which_runs_nothing() -> None:
    drawing = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    for mime, content in (("image/svg+xml", drawing), ("text/html", f"<div>{drawing}</div>")):
        html = render(Preview(cells=(Cell("a", "", outputs=(Output({mime: content}),)),))).html
        (image,) = Found(html).all("img")
        source = image["src"]
        assert source is not None
        assert base64.b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode() == drawing
