"""Makes HTML of a preview. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from gateway.previews import markdown, outputs, pictures
from gateway.previews.boxes import box
from gateway.previews.code import coloured
from gateway.previews.effort import MOST_IN_NOTEBOOK, marks
from gateway.previews.shown import Rendered, ShownCell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pool.kinds.preview import Cell, Preview

MAX_EXCERPT = 48 * 2**10
"""Bytes of a preview's small picture; a start page shows one for each notebook."""
EXCERPT_CELLS = 6

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def render(preview: Preview) -> Rendered:
    """Return a preview as HTML."""
    shown, left = [], MOST_IN_NOTEBOOK
    for cell in preview.cells:
        left -= marks(cell.source) if cell.markdown else 0
        shown.append((cell, _content(cell, preview) if left >= 0 else _as_written(cell, preview)))
    cells = [
        ShownCell(name, _section(name, cell, content))
        for name, (cell, content) in zip(_names(preview.cells), shown, strict=True)
        if content
    ]
    if preview.cut:
        rest = Markup('<section class="cell">{}</section>').format(outputs.note(outputs.LARGE_NOTE))
        cells.append(ShownCell("rest", rest))
    html = Markup("\n").join(cell.html for cell in cells)
    return Rendered(
        of=preview,
        html=html,
        cells=tuple(cells),
        excerpt=_excerpt(shown),
        picture=pictures.best(preview.cells),
        digest=hashlib.sha256(html.encode()).hexdigest(),
    )


def _names(cells: Iterable[Cell]) -> Iterable[str]:
    """Return what each cell is called in the page: its own id where that will do, and no two alike."""
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        name = cell.id if NAME.fullmatch(cell.id) and cell.id not in taken else f"cell-{place}"
        while name in taken:
            name += "-"
        taken.add(name)
        yield name


def _section(name: str, cell: Cell, content: Markup) -> Markup:
    kind = "text" if cell.markdown else "program"
    return Markup('<section class="cell {}" id="cell-{}">{}</section>').format(kind, name, content)


def _content(cell: Cell, preview: Preview) -> Markup:
    """Return what stands in a cell; nothing where there is nothing to see."""
    if cell.markdown:
        return markdown.rendered(cell.source, cell.attachments) if cell.source.strip() else Markup()
    if preview.outputs_first:
        return _outputs(cell, above=True) + _source(cell, preview.language)
    return _source(cell, preview.language) + _outputs(cell)


def _as_written(cell: Cell, preview: Preview) -> Markup:
    """Return a cell behind more text than is made HTML for one notebook."""
    return markdown.as_written(cell.source) if cell.markdown else _content(cell, preview)


def _source(cell: Cell, language: str) -> Markup:
    if cell.hidden:
        return Markup()
    written = cell.source.strip("\n")
    code = Markup("<code>{}</code>").format(coloured(written, language))
    return Markup('<details class="source"{}><summary>Code</summary>{}</details>').format(
        Markup("") if cell.folded else Markup(" open"), box(written, code, label="Code")
    )


def _outputs(cell: Cell, *, above: bool = False) -> Markup:
    made = Markup("").join(outputs.shown(output) for output in cell.outputs)
    kind = "output above" if above else "output"
    return Markup('<div class="{}">{}</div>').format(kind, made) if made else made


def _excerpt(shown: Sequence[tuple[Cell, Markup]]) -> Markup:
    """Return the first texts and outputs that are not too large; where there are none, code."""
    left, kept = MAX_EXCERPT, []
    parts = [content if cell.markdown else _outputs(cell) for cell, content in shown]
    for part in filter(None, parts if any(parts) else [content for _, content in shown]):
        if len(part) <= left:
            left -= len(part)
            kept.append(part)
        if len(kept) == EXCERPT_CELLS:
            break
    return Markup("").join(kept)
