"""The table of all errors, written into the README from the tree itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config import secrets
from config.errors import WarmgateError
from gateway import errors as gateway_errors
from gateway.cli import errors as command_errors
from pool import errors as pool_errors
from pool.building import errors as build_errors
from pool.kinds import http_api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOMES = (secrets, pool_errors, build_errors, http_api, gateway_errors, command_errors)
"""Modules that define errors besides the root's own: what is not imported is not in the tree."""

BEGIN = "<!-- errors: written by `make reference` -->"
END = "<!-- errors end -->"

REGION = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
SENTENCE = re.compile(r".*?\.(?= |$)")


def tree() -> list[type[WarmgateError]]:
    """Return every error, in the order of their codes."""
    return sorted({WarmgateError, *_below(WarmgateError)}, key=lambda kind: kind.code)


def cause(kind: type[WarmgateError]) -> str:
    """Return why an error happens, its docstring's first sentence. Raises ValueError when it has none."""
    found = SENTENCE.match(" ".join((kind.__doc__ or "").split()))
    if found is None:
        raise ValueError(f"{kind.__name__} has no docstring with a sentence in it")
    return found[0]


def table() -> str:
    """Return all errors as a Markdown table."""
    rows = ["| code | cause | status | what the visitor reads | remedy |", "|---|---|---|---|---|"]
    for kind in tree():
        answered = kind is WarmgateError or kind.visitor != WarmgateError.visitor
        status, visitor = (str(kind.status), kind.visitor) if answered else ("", "")
        cells = (kind.code, cause(kind), status, visitor, kind.remedy)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def with_table(text: str) -> str:
    """Return a text with the table between its two markers. Raises ValueError unless they are there once."""
    if len(REGION.findall(text)) != 1:
        raise ValueError(f"there must be one region from {BEGIN} to {END}")
    return REGION.sub(lambda _: f"{BEGIN}\n{table()}\n{END}", text)


def rewrite(file: Path) -> None:
    """Write the table into a file anew. Raises ValueError and OSError."""
    file.write_text(with_table(file.read_text("utf-8")), "utf-8")


def _below(kind: type[WarmgateError]) -> Iterator[type[WarmgateError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)
