"""What pages show of a notebook. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from pool.kinds.preview import Preview

NO_HTML = Markup()


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One cell, rendered."""

    id: str
    """The cell's own id where it is made of letters, digits, `-` and `_`; unique among its notebook's."""
    html: Markup = field(repr=False)
    """One element; a `<section>` of the class `cell`, whose `id` is `cell-` and the cell's."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that a notebook shows, for link previews."""

    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A preview made HTML; see Shown."""

    of: Preview
    html: Markup = NO_HTML
    cells: tuple[ShownCell, ...] = ()
    excerpt: Markup = NO_HTML
    picture: Picture | None = None
    digest: str = ""
    """The same for the same HTML only."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pool's pages show; there for every pool, with a notebook or without, warm or not yet."""

    title: str
    """Never empty."""
    description: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""
    """As people write it, such as `Python`; empty where it is not known."""
    html: Markup = field(default=NO_HTML, repr=False)
    """All cells; empty until the first instance has been warm. Needs `preview.css`, and `CONTENT_POLICY`."""
    cells: tuple[ShownCell, ...] = ()
    excerpt: Markup = field(default=NO_HTML, repr=False)
    """The notebook's first lines, without ids and links; for a small picture of the page."""
    picture: Picture | None = None
    version: str = ""
    """The same for the same content only; letters and digits, fit for an ETag or a path."""

    @property
    def opens_itself(self) -> bool:
        """Whether the first cell begins with the title, so that a page around it need not say it again."""
        return bool(self.cells) and self.cells[0].html.striptags().startswith(self.title)
