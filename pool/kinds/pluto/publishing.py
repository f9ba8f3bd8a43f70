"""Tells what of a notebook its readers may use, from its state before anybody has had it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pool.kinds.pluto.bonds import names
from pool.kinds.pluto.state import outputs
from pool.kinds.published import Published
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

BIND = re.compile(r"@bind\b[\s(]*([^\s(),;#\"']+)")
"""A call of Pluto's macro and the name it binds, also inside of a text that is made of code."""

TEXT_OR_COMMENT = re.compile(
    r'''("""(?:\\.?|[^\\])*?(?:"""|\Z)|"(?:\\.?|[^"\\])*"?|'(?:\\.|[^'\\])')'''
    r"|#=.*?(?:=#|\Z)|#[^\n]*",
    re.DOTALL,
)
"""Julia's texts and characters, which may hold a `#`, and its comments. What is not closed goes on to the
end, so that nothing is looked through twice.
"""


def published(notebook_id: str, state: Mapping[str, Any]) -> Published:
    """Return the notebook's id, its cells, the names that have a widget, and those that the code binds."""
    inputs = mapping(state, "cell_inputs")
    return Published(
        notebook=notebook_id,
        cells=list(inputs),
        bonds=sorted(names(outputs(state))),
        bindable=sorted({name for cell in inputs for name in _bound(state, cell)}),
    )


def _bound(state: Mapping[str, Any], cell: str) -> set[str]:
    """Return the names that a cell's code binds. A binding that is commented out, beside a plain value of the
    same name, is none: Pluto tells which names a cell defines (`cell_dependencies`).
    """
    code = text(mapping(state, "cell_inputs", cell), "code")
    found = set(BIND.findall(TEXT_OR_COMMENT.sub(lambda part: part[1] or " ", code)))
    defined = mapping(state, "cell_dependencies", cell).get("downstream_cells_map")
    return found & defined.keys() if isinstance(defined, dict) else found
