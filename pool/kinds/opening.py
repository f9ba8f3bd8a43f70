"""Finds a notebook's title and description in its first text. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
UNREAD = frozenset({"script", "style", "template"})
ENOUGH = 64 * 2**10
"""Characters of one text that are looked at."""

FIRST = 8
"""Headings and paragraphs that are looked at: what stands behind them describes a detail."""

INLINE = re.compile(r"(?<![\\$])\$(?=\S)([^$\n]*?\S)\$(?![$\d])")
"""A formula in a line, by pandoc's rule (tex_math_dollars), so that `from $5 to $10` is none."""
SIMPLE = re.compile(r"[\w +\-=<>.,'()]*")
"""What can be read as it is written."""
DISPLAYED = re.compile(r"\$\$|\\\[|\\\(|\\begin\b")
SENTENCE = re.compile(r"[.!?…。][\"'”’)\]]*\Z")  # noqa: RUF001 - other scripts end sentences too

_markdown = MarkdownIt("commonmark")


def of_markdown(texts: Iterable[str]) -> tuple[str, str]:
    """Return the first heading in some Markdown, and the first paragraph that tells of it, or empty ones.

    That is a whole sentence without formulas, or else a paragraph without: TeX says nothing to searchers.
    """
    return _first(pair for text in texts for pair in _blocks(_markdown.parse(text[:ENOUGH])))


def of_html(texts: Iterable[str]) -> tuple[str, str]:
    """Return the same of HTML."""
    return _first(pair for text in texts for pair in _elements(text[:ENOUGH]))


def _first(blocks: Iterable[tuple[bool, str]]) -> tuple[str, str]:
    """`blocks` are whether it is a heading, and its words, in the order they stand."""
    heading = sentence = paragraph = ""
    for is_heading, words in islice(blocks, FIRST):
        if is_heading:
            heading = heading or words
            continue
        spoken = _spoken(words)
        paragraph = paragraph or spoken
        if not sentence and SENTENCE.search(spoken):
            sentence = spoken
    return heading, sentence or paragraph


def _spoken(words: str) -> str:
    """Return a paragraph as it is read aloud; empty where a formula in it cannot be."""
    formulas = INLINE.findall(words)
    if DISPLAYED.search(words) or not all(SIMPLE.fullmatch(formula) for formula in formulas):
        return ""
    return INLINE.sub(r"\1", words)


def _blocks(tokens: list[Token]) -> Iterable[tuple[bool, str]]:
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type in {"heading_open", "paragraph_open"}:
            # Looked for here, because Markdown takes the backslashes out.
            if DISPLAYED.search(token.content):
                continue
            words = " ".join(_plain(token.children or []).split())
            if words:
                yield before.type == "heading_open", words


def _plain(tokens: Iterable[Token]) -> str:
    kinds = {"text", "code_inline", "softbreak", "hardbreak"}
    return "".join(token.content or " " for token in tokens if token.type in kinds)


def _elements(text: str) -> Iterable[tuple[bool, str]]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    """Collects headings and paragraphs. `found` holds those that were closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[bool, str]] = []
        self._inside = ""
        self._unread = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the port's
        if tag in UNREAD:
            self._unread = tag
        elif not self._inside and (tag in HEADINGS or tag == "p"):
            self._inside, self._words = tag, []

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unread:
            self._unread = ""
        elif self._inside == tag:
            if words := " ".join("".join(self._words).split()):
                self.found.append((tag in HEADINGS, words))
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside and not self._unread:
            self._words.append(data)
