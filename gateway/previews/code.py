"""Colours source code by classes. Pure; the classes' colours are in `preview.css`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST = 16 * 2**10
"""Characters of one source; a longer one keeps one colour."""

KNOWN = frozenset(
    {
        "Bash",
        "C",
        "C++",
        "CSS",
        "Diff",
        "JSON",
        "JavaScript",
        "Julia",
        "Octave",
        "Python",
        "S",
        "SQL",
        "TOML",
    }
)
"""Lexers by their names in Pygments, tried with what takes longest. Many others take time that grows with the
square of a line or worse: minutes for a few thousand digits in OCaml, or words in Java.
"""

_BLANK = re.compile(r"\s{200}")
"""Where so much is blank, nearly all lexers look for the end of it again and again."""

_FORMATTER = HtmlFormatter(nowrap=True)


def coloured(source: str, language: str) -> Markup:
    """Return code as the content of a `<pre>`, coloured where the language is known."""
    lexer = _lexer(language.strip().lower()[:40])
    if lexer is None or len(source) > LONGEST or _BLANK.search(source):
        return escape(source)
    return Markup(highlight(source, lexer, _FORMATTER).rstrip("\n"))  # noqa: S704 - it escapes what it is given


@lru_cache(64)
def _lexer(language: str) -> Lexer | None:
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        return None
    return lexer if lexer is not None and lexer.name in KNOWN else None
