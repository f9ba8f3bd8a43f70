"""A plot of one number for each peer, as SVG."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WIDTH, LABELS, ROW, BAR, TOP, NUMBERS = 720, 150, 30, 20, 60, 90
STYLE = (
    "text { font: 13px sans-serif; fill: #333 } .title { font-size: 15px } .unit { fill: #777 }"
    " rect.bar { fill: #4878a8 } rect.marked { fill: #c0392b }"
)


def bars(title: str, unit: str, values: Mapping[str, float], *, digits: int, marked: str) -> str:
    """Return the drawing: a bar from zero for each name, `marked` in another colour."""
    height = TOP + ROW * len(values) + 10
    longest = max([*values.values(), 0.0]) or 1.0
    room = WIDTH - LABELS - NUMBERS

    def drawing() -> Iterator[str]:
        yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"><style>{STYLE}</style>'
        yield f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
        yield f'<text class="title" x="20" y="24">{escape(title)}</text>'
        yield f'<text class="unit" x="20" y="44">{escape(unit)}</text>'
        for row, (name, value) in enumerate(values.items()):
            y = TOP + ROW * row
            length = round(room * max(value, 0.0) / longest, 1)
            kind = "bar marked" if name == marked else "bar"
            yield f'<text x="{LABELS - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>'
            yield f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{length}" height="{BAR}"/>'
            yield f'<text x="{LABELS + length + 8}" y="{y + 15}">{value:,.{digits}f}</text>'
        yield "</svg>"

    return "\n".join(drawing()) + "\n"
