"""What a warm, executed notebook shows, before anybody opens it. Plain values, of any kind of notebook."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

log = structlog.stdlib.get_logger(__name__)

MAX_CONTENT = 512 * 2**10
"""Bytes of one form of an output; larger ones are left out."""
MAX_PREVIEW = 2 * 2**20
"""Bytes of all that a preview holds; what comes after that is left out."""
MAX_TITLE = 200
MAX_DESCRIPTION = 500
"""Characters."""
MOST_WORDS = 20
"""Authors, and tags, of one notebook."""

STDOUT = "application/vnd.jupyter.stdout"
STDERR = "application/vnd.jupyter.stderr"
ERROR = "application/vnd.jupyter.error"
"""JupyterLab's own MIME types for what a program prints, and for how a cell failed."""


@dataclass(frozen=True, slots=True)
class Output:
    """One thing a cell shows, in one or more forms of the same."""

    data: Mapping[str, Any] = field(repr=False)
    """MIME type to content, as nbformat or Pluto have it; text, bytes (base64 text with Jupyter) or JSON.
    None where the content was left out for its size.
    """
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
    cut: bool = False
    """Whether cells were left out at the end, because all before them were large."""


def bounded(preview: Preview) -> Preview:
    """Return a preview that holds no more than it may, with cells whose ids differ."""
    left = MAX_PREVIEW
    kept: list[Cell] = []
    names: set[str] = set()
    for place, cell in enumerate(preview.cells, start=1):
        left -= size(cell.source)
        if left < 0:
            break
        outputs = []
        for output in cell.outputs:
            data, left = _kept(output.data, left)
            outputs.append(replace(output, data=data))
        attachments, left = _kept(cell.attachments, left)
        name = cell.id if cell.id and cell.id not in names else f"cell-{place}"
        names.add(name)
        kept.append(replace(cell, id=name, outputs=tuple(outputs), attachments=attachments))
    return replace(
        preview,
        title=shortened(preview.title, MAX_TITLE),
        description=shortened(preview.description, MAX_DESCRIPTION),
        cells=tuple(kept),
        cut=len(kept) < len(preview.cells),
    )


def _kept(data: Mapping[str, Any], left: int) -> tuple[dict[str, Any], int]:
    kept = {}
    for name, content in data.items():
        large = size(content)
        fits = large <= min(left, MAX_CONTENT)
        kept[name] = content if fits else None
        left -= large if fits else 0
    return kept, left


def size(content: Any) -> int:
    """Return about how many bytes a content takes; of JSON, its texts and a few for each value."""
    total, pending = 0, [content]
    while pending:
        match pending.pop():
            case str() as found:
                total += len(found) if found.isascii() else len(found.encode("utf-8", "replace"))
            case bytes() as found:
                total += len(found)
            case dict() as found:
                pending.extend(found.keys())
                pending.extend(found.values())
            case list() | tuple() as found:
                pending.extend(found)
            case _:
                total += 8
    return total


def shortened(text: str, most: int) -> str:
    """Return a text in one line, cut between two words where it is too long."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    return line[:most].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def words(value: Any, *, key: str = "name") -> tuple[str, ...]:
    """Return the names in what a notebook's author wrote: a text, an object with `key`, or a list of them."""
    found: Iterable[Any] = value if isinstance(value, list) else [value]
    texts = (each.get(key) if isinstance(each, dict) else each for each in found)
    return tuple(shortened(text, MAX_TITLE) for text in texts if isinstance(text, str) and text.strip())[
        :MOST_WORDS
    ]


def told(read: Callable[[Mapping[str, Any]], Preview], notebook: Mapping[str, Any]) -> Preview | None:
    """Return what `read` finds in a notebook. None where it cannot: that must not keep an instance from being
    warm, and what stands in a notebook is its author's.
    """
    try:
        return read(notebook)
    except Exception:
        log.exception("preview_not_made")
        return None
