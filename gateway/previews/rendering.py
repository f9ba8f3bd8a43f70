"""Makes HTML of a preview. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from gateway.previews.shown import Rendered, ShownCell

if TYPE_CHECKING:
    from pool.kinds.preview import Cell, Preview


def render(preview: Preview) -> Rendered:
    """Return a preview as HTML."""
    cells = tuple(ShownCell(cell.id, _cell(cell)) for cell in preview.cells)
    digest = hashlib.sha256("".join(cell.html for cell in cells).encode()).hexdigest()
    return Rendered(preview, cells, digest=digest)


def _cell(cell: Cell) -> Markup:
    return Markup('<section class="cell" id="cell-{}"><pre>{}</pre></section>').format(
        cell.id, escape(cell.source)
    )
