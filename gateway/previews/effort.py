"""How much work a text of Markdown would be, before any of it is done. Pure.

What is below these limits is made HTML within about a second, whatever stands in it; most texts take some
milliseconds. They were found by trying what markdown-it-py and latex2mathml take longest for.
"""

from __future__ import annotations

import string

LONGEST = 64 * 2**10
"""Characters of one text."""

MOST_MARKS = 10_000
"""Signs of one text that may begin or end something; a formula of three characters takes as long as hundreds
of a word. One in thirty is such a sign in prose, one in three in formulas.
"""

MOST_IN_NOTEBOOK = 100_000
"""The same in all cells of a notebook together."""

MOST_CELLS = 10_000
"""Cells that tables may have: rows that are too short are filled up to the widest. The cleaner takes no
more."""

MOST_LOOKS = 200_000
"""Lines that are looked at for the end of an environment: all those behind each beginning."""

_MARKS = string.punctuation + "\n"
_BEGINNING = r"\begin{"


def marks(text: str) -> int:
    """Return how many signs there are that may mean something."""
    return sum(map(text.count, _MARKS))


def is_small(text: str) -> bool:
    """Return whether a text is little enough work to be made HTML."""
    if len(text) > LONGEST or marks(text) > MOST_MARKS:
        return False
    lines = text.splitlines()
    columns = max((line.count("|") for line in lines), default=0)
    return columns * len(lines) <= MOST_CELLS and text.count(_BEGINNING) * len(lines) <= MOST_LOOKS
