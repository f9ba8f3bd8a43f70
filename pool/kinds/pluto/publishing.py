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


def published(notebook_id: str, state: Mapping[str, Any]) -> Published:
    """Return the notebook's id, its cells, the names that have a widget, and those that the code binds."""
    inputs = mapping(state, "cell_inputs")
    codes = [text(mapping(inputs, cell), "code") for cell in inputs]
    return Published(
        notebook=notebook_id,
        cells=list(inputs),
        bonds=sorted(names(outputs(state))),
        bindable=sorted({name for code in codes for name in BIND.findall(code)}),
    )
