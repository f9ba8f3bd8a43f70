"""Reads what an executed notebook shows out of its state. Pure; see `state.py` for what a state is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pool.kinds import opening
from pool.kinds.pluto.state import cells_of
from pool.kinds.preview import ERROR, STDOUT, Cell, Output, Preview, bounded, words
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT = re.compile(r'\s*(?:md|html|@md_str|@htl)\s?\(?"')
"""The beginning of a cell that is a text to be read: its code says what its output shows already."""

TRACE = "application/vnd.pluto.stacktrace+object"


def preview_of(state: Mapping[str, Any]) -> Preview:
    """Return what a notebook shows; the front matter's title and description, else those of its first text.

    Pluto has front matter since 0.19 (`metadata` of the state); older ones have none.
    """
    front = mapping(state, "metadata", "frontmatter")
    inputs = mapping(state, "cell_inputs")
    cells = [_cell(name, mapping(inputs, name), result) for name, result in cells_of(state)]
    heading, paragraph = opening.of_html(
        html for cell in cells for output in cell.outputs if (html := text(output.data, "text/html"))
    )
    return bounded(
        Preview(
            title=text(front, "title") or heading,
            description=text(front, "description") or paragraph,
            authors=words(front.get("author")) or words(front.get("author_name")),
            tags=words(front.get("tags")),
            language="julia",
            outputs_first=True,
            cells=tuple(cells),
        )
    )


def _cell(name: str, told: Mapping[str, Any], result: Mapping[str, Any]) -> Cell:
    source = text(told, "code")
    folded = told.get("code_folded") is True
    output = mapping(result, "output")
    shown = _output(output, errored=result.get("errored") is True)
    logs = () if mapping(told, "metadata").get("show_logs") is False else _logs(result.get("logs"))
    return Cell(
        name,
        source,
        folded=folded,
        hidden=not source.strip() or (folded and TEXT.match(source) is not None),
        outputs=(*shown, *logs),
    )


def _output(output: Mapping[str, Any], *, errored: bool) -> tuple[Output, ...]:
    body, mime = output.get("body"), text(output, "mime")
    if body in {None, ""} if isinstance(body, str | None) else not mime:
        return ()
    if mime == TRACE:
        body, mime = {"evalue": text(body, "msg"), "traceback": _frames(body)}, ERROR
    elif errored and isinstance(body, str):
        body, mime = {"evalue": body}, ERROR
    return (Output({mime: body}, label=text(output, "rootassignee")),)


def _frames(body: Any) -> list[str]:
    """Return the frames of an error as lines, without where the notebook's file lies."""
    frames = mapping(body).get("stacktrace")
    return [
        f"{text(frame, 'call')} ({text(frame, 'file').partition('#==#')[0]}:{frame.get('line', 0)})"
        for frame in (frames if isinstance(frames, list) else [])
        if isinstance(frame, dict)
    ]


def _logs(logs: Any) -> tuple[Output, ...]:
    """Return what a cell printed and logged (`msg` is a pair of body and MIME type)."""
    found = []
    for entry in logs if isinstance(logs, list) else []:
        match mapping(entry).get("msg"):
            case [str() as body, "text/plain"]:
                found.append(Output({STDOUT: body if body.endswith("\n") else body + "\n"}))
            case _:
                pass
    return tuple(found)
