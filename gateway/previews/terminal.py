"""Makes HTML of what a program prints: colours by class, lines that were written over. Pure.

Colours are those of ECMA-48 section 8.3.117 (SGR) and of xterm's 256. They come out as six that can be read
on our pages, light or dark; black, white and greys as the page's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SEQUENCES = 10_000
"""Changes of colour in one text; where there are more it keeps one colour. Each takes as long as a hundred
letters.
"""

NAMES = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")

_SEQUENCE = re.compile(r"\x1b\[([0-9;]{0,60})m")
_OTHER = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.?|[\x00-\x08\x0b-\x1f\x7f]", re.DOTALL
)
"""Other escape sequences, which move the cursor or set titles, and characters that nobody can see."""
_WRITTEN_OVER = re.compile(r"^[^\n]*\r(?=[^\n])", re.MULTILINE)
"""What stands in a line before the program went back to its beginning, as progress bars do."""


def printed(text: str) -> Markup:
    """Return the content of a `<pre>`."""
    text = _WRITTEN_OVER.sub("", text.replace("\r\n", "\n"))
    if text.count("\x1b") > MOST_SEQUENCES:
        return escape(_OTHER.sub("", text))
    first, *pieces = _SEQUENCE.split(text)
    shown = [escape(_OTHER.sub("", first))]
    style = _Style()
    for codes, piece in zip(pieces[::2], pieces[1::2], strict=True):
        style.apply(iter([int(code or 0) for code in codes.split(";")]))
        words, classes = _OTHER.sub("", piece), style.classes
        if words:
            shown.append(
                Markup('<span class="{}">{}</span>').format(classes, words) if classes else escape(words)
            )
    return Markup("").join(shown)


class _Style:
    """What holds for the next characters."""

    def __init__(self) -> None:
        self._colour = ""
        self._bold = False

    @property
    def classes(self) -> str:
        return " ".join(
            filter(None, (f"ansi-{self._colour}" if self._colour else "", "ansi-bold" if self._bold else ""))
        )

    def apply(self, codes: Iterator[int]) -> None:
        for code in codes:
            match code:
                case 0:
                    self._colour, self._bold = "", False
                case 1 | 22:
                    self._bold = code == 1
                case 39:
                    self._colour = ""
                case 38:
                    self._colour = _extended(codes)
                case 48:
                    _extended(codes)
                case _ if 30 <= code <= 37 or 90 <= code <= 97:
                    self._colour = NAMES[code % 10]
                case _:
                    pass


def _extended(codes: Iterator[int]) -> str:
    """Read a colour of xterm's: `5` and one of 256, or `2` and red, green and blue."""
    match next(codes, 0):
        case 5:
            number = next(codes, 0)
            if number < 16:
                return NAMES[number % 8]
            if number > 231:
                return ""
            cube = number - 16
            return _nearest(cube // 36, cube // 6 % 6, cube % 6)
        case 2:
            return _nearest(next(codes, 0), next(codes, 0), next(codes, 0))
        case _:
            return ""


def _nearest(red: int, green: int, blue: int) -> str:
    most = max(red, green, blue)
    return NAMES[(red * 2 > most) + 2 * (green * 2 > most) + 4 * (blue * 2 > most)]
