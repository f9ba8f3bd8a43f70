"""A small plot as SVG: hit rate over idle instance-minutes."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Point = tuple[float, float, str]
"""Idle instance-minutes a day, hit rate, label."""

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 70, 30, 50, 60
MOST_NINES = 3.5
"""A hit rate above 99.97 % is drawn there: one miss more or less would move it anywhere."""
TICKS = ((0.0, "0 %"), (0.5, "50 %"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %"))
STYLE = (
    "text { font: 12px sans-serif; fill: #333 } .title { font-size: 15px } .grid { stroke: #ddd }"
    " .aim { stroke: #999; stroke-dasharray: 4 } .static { fill: none; stroke: #4878a8 }"
    " circle { fill: #4878a8 } .marked { fill: #c0392b } .told { fill: #7a7a7a }"
)


def nines(hit_rate: float) -> float:
    """Return 1 for 90 %, 2 for 99 %: the scale on which hit rates are told apart."""
    return min(MOST_NINES, -math.log10(max(1 - hit_rate, 1e-9)))


def plot(title: str, statics: Sequence[Point], adaptive: Point, told: Point | None) -> str:
    """Return the drawing: static pools as a line, adaptive and told ones as marks."""
    points = [*statics, adaptive, *([told] if told else [])]
    widest = max(point[0] for point in points) * 1.05

    def at(idle: float, hit_rate: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - RIGHT) * idle / widest
        down = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * nines(hit_rate) / MOST_NINES
        return round(across, 1), round(down, 1)

    def mark(point: Point, kind: str, size: int) -> Iterator[str]:
        x, y = at(point[0], point[1])
        yield f'<circle class="{kind}" cx="{x}" cy="{y}" r="{size}"/>'
        yield f'<text x="{x + 8}" y="{y + 14}">{escape(point[2])}</text>'

    def drawing() -> Iterator[str]:
        yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><style>{STYLE}</style>'
        yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        yield f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>'
        for rate, label in TICKS:
            _, y = at(0, rate)
            kind = "aim" if rate == 0.99 else "grid"
            yield f'<line class="{kind}" x1="{LEFT}" y1="{y}" x2="{WIDTH - RIGHT}" y2="{y}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{label}</text>'
        for part in range(6):
            x, y = at(widest * part / 5, 0)
            yield f'<text x="{x}" y="{y + 18}" text-anchor="middle">{widest * part / 5:,.0f}</text>'
        yield f'<text x="{LEFT}" y="{HEIGHT - 12}">idle instance-minutes a day →   (upwards: hit rate)</text>'
        line = " ".join(f"{x},{y}" for x, y in (at(idle, rate) for idle, rate, _ in statics))
        yield f'<polyline class="static" points="{line}"/>'
        for point in statics:
            yield from mark(point, "", 3)
        if told:
            yield from mark(told, "told", 5)
        yield from mark(adaptive, "marked", 6)
        yield "</svg>"

    return "\n".join(drawing()) + "\n"
