"""Chooses the best form of what a cell shows, and makes HTML of it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from markupsafe import Markup, escape

from gateway.previews import markdown, pictures, pluto, widgets
from gateway.previews.boxes import box
from gateway.previews.cleaning import clean
from gateway.previews.formulas import formula
from gateway.previews.terminal import printed
from pool.kinds.jupyter.widgets import VIEW
from pool.kinds.preview import ERROR, STDERR, STDOUT, Output
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALT = "A picture this notebook made"
LIVE_NOTE = "Interactive: works once the notebook is opened."
LARGE_NOTE = "Too large to show here: it is in the notebook."

_LIVE = re.compile(
    r"application/(?:javascript|vnd\.(?:jupyter\.widget-view|plotly|vega|vegalite|bokehjs|holoviews)\b.*)"
)
"""What only a page with scripts can show."""
_SCRIPTED = re.compile(r"<(?:script|iframe|canvas|object|embed)\b", re.IGNORECASE)
_VISIBLE = re.compile(
    r"<(?:img|input|select|textarea|button|progress|meter|hr|math|td|th)\b|>\s*[^<\s]|\A\s*[^<\s]"
)
_COLOURED = re.compile(r'style="[^"]*color')
"""Colours of an author's, which are chosen for white paper."""


def shown(output: Output) -> Markup:
    """Return what a cell shows as one element."""
    data = output.data
    live = any(_LIVE.fullmatch(mime) for mime in data)
    for mime in (VIEW, *pictures.MIMES, *(() if live else _FORMS)):
        if data.get(mime) is not None and (made := _form(mime, data[mime], 0)):
            return _labelled(output, mime, made)
    if live or _SCRIPTED.search(text(data, "text/html")):
        return note(LIVE_NOTE)
    if any(content is None for content in data.values()):
        return note(LARGE_NOTE)
    return Markup()


def note(words: str) -> Markup:
    """Return a line about what is not shown."""
    return Markup('<p class="note">{}</p>').format(words)


def _labelled(output: Output, mime: str, made: Markup) -> Markup:
    if not output.label or mime not in {"text/plain", pluto.TREE}:
        return made
    label = Markup('<span class="label">{} = </span>').format(output.label)
    return Markup('<div class="labelled">{}{}</div>').format(label, made)


def _form(mime: str, content: Any, depth: int) -> Markup | None:
    """Return one form of an output; None where it shows nothing."""
    if mime in pictures.MIMES:
        try:
            return pictures.image(mime, content, ALT)
        except ValueError:
            return None
    make = _FORMS.get(mime)
    return None if make is None else make(content, depth)


def _within(mime: str, content: Any, depth: int) -> Markup:
    """Return a part of a tree or a table."""
    if mime == "text/plain":
        return Markup("<code>{}</code>").format(content if isinstance(content, str) else "")
    return _form(mime, content, depth) or pluto.MORE


def _html(content: Any, _: int) -> Markup | None:
    if not isinstance(content, str):
        return None
    made = clean(pluto.readable(pictures.without_inline_svg(content)))
    if made is None:
        return note(LARGE_NOTE)
    if not _VISIBLE.search(made):
        return None
    return Markup('<div class="{}">{}</div>').format("html paper" if _COLOURED.search(made) else "html", made)


def _markdown(content: Any, _: int) -> Markup | None:
    if not isinstance(content, str):
        return None
    return Markup('<div class="html">{}</div>').format(markdown.rendered(content))


def _latex(content: Any, _: int) -> Markup | None:
    made = clean(formula(content, display=True)) if isinstance(content, str) else None
    return made and Markup('<div class="html">{}</div>').format(made)


def _plain(kind: str) -> Callable[[Any, int], Markup | None]:
    def made(content: Any, _: int) -> Markup | None:
        if not isinstance(content, str) or not content.strip():
            return None
        return box(content, printed(content.rstrip()), label="Output", kind=kind)

    return made


def _error(content: Any, _: int) -> Markup:
    name, value = text(content, "ename"), text(content, "evalue")
    lines = mapping(content).get("traceback")
    trace = "\n".join(line for line in lines if isinstance(line, str)) if isinstance(lines, list) else ""
    said = f"{name}: {value}" if name else value
    return Markup('<details class="error"><summary>{}</summary>{}</details>').format(
        printed(said.split("\n", 1)[0]), box(trace or said, printed(trace or said), label="Traceback")
    )


def _json(content: Any, _: int) -> Markup:
    try:
        written = orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
    except (orjson.JSONEncodeError, RecursionError):
        written = ""
    return box(written, escape(written), label="Output")


def _widget(content: Any, _: int) -> Markup | None:
    return widgets.drawn(content, lambda data: shown(Output(data)))


_FORMS: Mapping[str, Callable[[Any, int], Markup | None]] = {
    VIEW: _widget,
    pluto.TREE: lambda content, depth: pluto.tree(content, depth, _within),
    pluto.TABLE: lambda content, _: pluto.table(content, _within),
    pluto.DIV: lambda content, depth: pluto.row_of_things(content, depth, _within),
    "text/html": _html,
    "text/markdown": _markdown,
    "text/latex": _latex,
    ERROR: _error,
    STDERR: _plain("stderr"),
    STDOUT: _plain("stdout"),
    "application/json": _json,
    "text/plain": _plain("plain"),
}
"""Best first, behind pictures."""
