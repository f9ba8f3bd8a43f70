"""What a warm, executed notebook shows, before anybody opens it. Plain values, of any kind of notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Output:
    """One thing a cell shows, in one or more forms of the same."""

    data: Mapping[str, Any] = field(repr=False)
    """MIME type to content, as nbformat or Pluto have it; text, bytes (base64 text with Jupyter) or JSON."""
    label: str = ""
    """The name that the value was given in its cell, as Pluto shows it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a notebook."""

    id: str
    """As the notebook has it; else its place, from 1, as `cell-1`. Unique in its notebook."""
    source: str = field(repr=False)
    markdown: bool = False
    """Whether `source` is Markdown to be read, and not code."""
    folded: bool = False
    """Whether the author folded the code away: there for those who want to see it."""
    hidden: bool = False
    """Whether the code is not to be seen at all."""
    outputs: tuple[Output, ...] = field(default=(), repr=False)
    attachments: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Pictures within Markdown: name to MIME type to base64 text (nbformat 4, "Cell attachments")."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A notebook as it was when it had just been run."""

    title: str = ""
    description: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    """The programming language, in small letters, such as `python` or `julia`."""
    outputs_first: bool = False
    """Whether outputs stand above their code, as with Pluto."""
    cells: tuple[Cell, ...] = ()
