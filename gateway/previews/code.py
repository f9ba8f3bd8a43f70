"""Colours source code by classes. Pure; the classes' colours are in `preview.css`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST = 64 * 2**10
"""Characters of one source; a longer one keeps one colour."""

_FORMATTER = HtmlFormatter(nowrap=True)


def coloured(source: str, language: str) -> Markup:
    """Return code as the content of a `<pre>`, coloured where the language is known."""
    lexer = _lexer(language.strip().lower()[:40])
    if lexer is None or len(source) > LONGEST:
        return escape(source)
    return Markup(highlight(source, lexer, _FORMATTER).rstrip("\n"))  # noqa: S704 - it escapes what it is given


@lru_cache(64)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        return None
