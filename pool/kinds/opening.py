"""Finds a notebook's title and description in its first text. Pure."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markdown_it.token import Token

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
UNREAD = frozenset({"script", "style", "template"})
ENOUGH = 64 * 2**10
"""Characters of one text that are looked at."""

_markdown = MarkdownIt("commonmark")


def of_markdown(texts: Iterable[str]) -> tuple[str, str]:
    """Return the first heading and the first paragraph in some Markdown, each in plain words or empty."""
    return _first(pair for text in texts for pair in _blocks(_markdown.parse(text[:ENOUGH])))


def of_html(texts: Iterable[str]) -> tuple[str, str]:
    """Return the same of HTML."""
    return _first(pair for text in texts for pair in _elements(text[:ENOUGH]))


def _first(blocks: Iterable[tuple[bool, str]]) -> tuple[str, str]:
    """`blocks` are whether it is a heading, and its words, in the order they stand."""
    heading = paragraph = ""
    for is_heading, words in blocks:
        if is_heading:
            heading = heading or words
        else:
            paragraph = paragraph or words
        if heading and paragraph:
            break
    return heading, paragraph


def _blocks(tokens: list[Token]) -> Iterable[tuple[bool, str]]:
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type in {"heading_open", "paragraph_open"}:
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
