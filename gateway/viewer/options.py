"""What an author chooses for an embed, in the query of its address. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

CELL = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
MOST_CELLS = 50


class Live(StrEnum):
    """When an embed becomes live."""

    CLICK = "click"
    VISIBLE = "visible"


@dataclass(frozen=True, slots=True)
class Options:
    """`cells` are the ids of those that are shown, all where there are none."""

    live: Live = Live.CLICK
    cells: tuple[str, ...] = ()
    bar: bool = True


def options(query: Iterable[tuple[str, str]]) -> Options:
    """Read a query's fields. Those of other names are left alone. Raises BadRequest."""
    told: dict[str, str] = {}
    for name, value in query:
        if name not in {"live", "cells", "bar"}:
            continue
        if name in told:
            raise BadRequest(f"`{name}` twice")
        told[name] = value
    live, bar = told.get("live", Live.CLICK), told.get("bar", "1")
    if live not in set(Live):
        raise BadRequest("`live` must be click or visible")
    if bar not in {"0", "1"}:
        raise BadRequest("`bar` must be 0 or 1")
    cells = tuple(dict.fromkeys(filter(None, told.get("cells", "").split(","))))
    if len(cells) > MOST_CELLS or not all(CELL.fullmatch(cell) for cell in cells):
        raise BadRequest(f"`cells` must be at most {MOST_CELLS} ids of cells, with commas between")
    return Options(Live(live), cells, bar == "1")
