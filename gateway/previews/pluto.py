"""Makes HTML of Pluto's own forms of outputs: trees, tables, rows of things. Pure.

As in Pluto's frontend/components/TreeView.js: a pair is `[body, mime]`; `"more"` stands for what is left out.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from gateway.previews.code import coloured
from gateway.previews.formulas import formula
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable

TREE = "application/vnd.pluto.tree+object"
TABLE = "application/vnd.pluto.table+object"
DIV = "application/vnd.pluto.divelement+object"

MORE = Markup('<span class="more">…</span>')
DEEPEST = 12
"""Levels of a tree that are shown."""


_FORMULA = re.compile(r'<(span|p|div) class="tex">([^<]*)</\1>')
_CODE = re.compile(r'<code class="language-([\w+-]{1,30})">([^<]*)</code>')
"""Julia writes what is in them as text, escaped, so there is no `<` before their end. Looked for any further,
beginnings without an end would take time that grows with their square.
"""


def readable(html: str) -> str:
    """Return HTML of Julia's Markdown with formulas and code as they are to be seen; still to be cleaned."""
    html = _FORMULA.sub(_formula, html)
    return _CODE.sub(lambda found: f"<code>{coloured(unescape(found[2]), found[1])}</code>", html)


def _formula(found: re.Match[str]) -> str:
    made = formula(unescape(found[2]), display=found[1] != "span")
    return made if found[1] == "span" else f"<p>{made}</p>"


def tree(body: Any, depth: int, show: Callable[[str, Any, int], Markup]) -> Markup:
    """Return a collection or a struct."""
    kind, elements = text(body, "type"), mapping(body).get("elements")
    listed = elements if isinstance(elements, list) else []
    if kind == "circular":
        return Markup('<em class="more">circular reference</em>')
    if kind == "Pair":
        match mapping(body).get("key_value"):
            case [key, value]:
                pair = Markup(" => ").join([_shown(key, depth, show), _shown(value, depth, show)])
                return Markup('<span class="tree">{}</span>').format(pair)
            case _:
                return MORE
    if depth >= DEEPEST:
        return MORE
    items = Markup("").join(Markup("<li>{}</li>").format(_item(kind, each, depth, show)) for each in listed)
    opened, closed = ("[", "]") if kind == "Array" else ("(", ")")
    prefix = text(body, "prefix_short") if depth else text(body, "prefix")
    return Markup('<span class="tree">{}{}<ul>{}</ul>{}</span>').format(prefix, opened, items, closed)


def _item(kind: str, item: Any, depth: int, show: Callable[[str, Any, int], Markup]) -> Markup:
    match item:
        case [key, value] if kind == "Dict":
            return Markup("{} => {}").format(_shown(key, depth, show), _shown(value, depth, show))
        case [key, value] if kind in {"NamedTuple", "struct"}:
            return Markup('<span class="key">{} = </span>{}').format(str(key), _shown(value, depth, show))
        case [_, value]:
            return _shown(value, depth, show)
        case _:
            return MORE


def table(body: Any, show: Callable[[str, Any, int], Markup]) -> Markup:
    """Return a table with its columns' names and types."""
    schema, rows = mapping(body, "schema"), mapping(body).get("rows")
    names, types = schema.get("names"), schema.get("types")
    head = Markup("<tr><th></th>{}</tr>").format(
        Markup("").join(
            Markup('<th scope="col">{}<small>{}</small></th>').format(
                _word(name), _word(types[place] if isinstance(types, list) and place < len(types) else "")
            )
            for place, name in enumerate(names if isinstance(names, list) else [])
        )
    )
    lines = Markup("").join(_row(row, show) for row in (rows if isinstance(rows, list) else []))
    return Markup("<table><thead>{}</thead><tbody>{}</tbody></table>").format(head, lines)


def _row(row: Any, show: Callable[[str, Any, int], Markup]) -> Markup:
    match row:
        case [number, [*cells]]:
            shown = Markup("").join(Markup("<td>{}</td>").format(_shown(cell, 1, show)) for cell in cells)
            return Markup('<tr><th scope="row">{}</th>{}</tr>').format(_word(number), shown)
        case _:
            return Markup("<tr><td>{}</td></tr>").format(MORE)


def row_of_things(body: Any, depth: int, show: Callable[[str, Any, int], Markup]) -> Markup:
    """Return a `<div>` that a notebook made of several outputs."""
    children = mapping(body).get("children")
    listed = children if isinstance(children, list) and depth < DEEPEST else []
    return Markup('<div class="things">{}</div>').format(
        Markup("").join(_shown(child, depth, show) for child in listed)
    )


def _shown(pair: Any, depth: int, show: Callable[[str, Any, int], Markup]) -> Markup:
    match pair:
        case [body, str() as mime]:
            return show(mime, body, depth + 1)
        case _:
            return MORE


def _word(value: Any) -> str:
    return "…" if value == "more" else str(value) if isinstance(value, str | int) else ""
