"""Reads what an executed notebook shows. Pure; nbformat 4, as it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pool.kinds import opening
from pool.kinds.jupyter.widgets import VIEW
from pool.kinds.preview import ERROR, STDERR, STDOUT, Cell, Output, Preview, bounded, words
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDED = frozenset({"hide-input", "hide_input", "hide-cell", "hide_cell"})
HIDDEN = frozenset({"remove-input", "remove_input", "hide_code"})
REMOVED = frozenset({"remove-cell", "remove_cell"})
NO_OUTPUT = frozenset({"remove-output", "remove_output", "remove-stdout", "remove_stdout"})
"""Tags by which nbconvert and Jupyter Book leave something out of what readers see."""


def unknown(_: str) -> dict[str, Any]:
    """Return how a widget looks that nobody has seen."""
    return {}


def preview_of(notebook: Mapping[str, Any], snapshot: Callable[[str], dict[str, Any]] = unknown) -> Preview:
    """Return what a notebook shows, whatever it is: of what is no notebook, nothing.

    `snapshot` says of a widget's model how it looks.
    """
    metadata = mapping(notebook, "metadata")
    found = notebook.get("cells")
    listed = [cell for cell in found if isinstance(cell, dict)] if isinstance(found, list) else []
    cells = [made for place, cell in enumerate(listed, start=1) if (made := _cell(cell, place, snapshot))]
    heading, paragraph = opening.of_markdown(cell.source for cell in cells if cell.markdown)
    language = text(mapping(metadata, "language_info"), "name")
    return bounded(
        Preview(
            title=text(metadata, "title") or heading,
            description=text(metadata, "description") or text(metadata, "summary") or paragraph,
            authors=words(metadata.get("authors")) or words(metadata.get("author")),
            tags=words(metadata.get("tags")) or words(metadata.get("keywords")),
            language=(language or text(mapping(metadata, "kernelspec"), "language")).lower(),
            cells=tuple(cells),
        )
    )


def _cell(cell: Mapping[str, Any], place: int, snapshot: Callable[[str], dict[str, Any]]) -> Cell | None:
    metadata = mapping(cell, "metadata")
    tags = frozenset(words(metadata.get("tags")))
    name = text(cell, "id") or f"cell-{place}"
    source = joined(cell.get("source"))
    if tags & REMOVED:
        return None
    match cell.get("cell_type"):
        case "markdown":
            return Cell(name, source, markdown=True, attachments=mapping(cell, "attachments"))
        case "code":
            outputs = cell.get("outputs")
            listed = outputs if isinstance(outputs, list) and not tags & NO_OUTPUT else []
            jupyter = mapping(metadata, "jupyter")
            return Cell(
                name,
                source,
                folded=bool(tags & FOLDED) or jupyter.get("source_hidden") is True,
                hidden=bool(tags & HIDDEN) or not source.strip(),
                outputs=tuple(made for output in listed if (made := _output(output, snapshot))),
            )
        case _:
            return None


def _output(output: Any, snapshot: Callable[[str], dict[str, Any]]) -> Output | None:
    match text(output, "output_type"):
        case "stream":
            kind = STDERR if output.get("name") == "stderr" else STDOUT
            return Output({kind: joined(output.get("text"))})
        case "error":
            return Output({ERROR: {name: output.get(name) for name in ("ename", "evalue", "traceback")}})
        case "display_data" | "execute_result":
            data = mapping(output, "data")
            forms = {mime: _content(mime, content) for mime, content in data.items()}
            if VIEW in forms:
                forms[VIEW] = _looks(snapshot(text(forms[VIEW], "model_id")))
            return Output(forms)
        case _:
            return None


def _looks(widget: Mapping[str, Any]) -> dict[str, Any]:
    """Return a widget's snapshot with the outputs in it read like a cell's, but for widgets in these."""
    outputs = (_output(output, unknown) for output in widget.get("outputs", ()))
    return {
        **widget,
        "outputs": [output.data for output in outputs if output is not None],
        "children": [_looks(child) for child in widget.get("children", ())],
    }


def _content(mime: str, content: Any) -> Any:
    """Return a content with the lines of a text put together; what is JSON stays as it is."""
    return content if mime.endswith("json") else joined(content)


def joined(source: Any) -> str:
    """Return a text that nbformat may hold as its lines."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""
