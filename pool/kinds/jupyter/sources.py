"""Names an author's cells by what stands in them, to tell a reader's request from any other. Pure."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pool.kinds.jupyter.notebook import sources
from pool.kinds.published import Published
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping


def normalised(code: str) -> str:
    """Return the code with every line ended by a line feed, as pages send it (CodeMirror 6, `Text.of`)."""
    return code.replace("\r\n", "\n").replace("\r", "\n")


def digest(code: str) -> str:
    """Return the SHA-256 of the normalised code in UTF-8, in hex.

    Raises ValueError for code that is no Unicode text: a lone surrogate.
    """
    return hashlib.sha256(normalised(code).encode()).hexdigest()


def digests(notebook: Mapping[str, Any]) -> list[str]:
    """Return the digest of every code cell, each once, in order; blank cells too.

    A cell that is no Unicode text has none: no reader can ask for it. Raises ValueError for what is no
    notebook.
    """
    found = []
    for source in sources(notebook):
        with suppress(UnicodeEncodeError):
            found.append(digest(source))
    return list(dict.fromkeys(found))


def published(notebook: Mapping[str, Any], path: str, session: Mapping[str, Any]) -> Published:
    """Return what readers may use of a notebook. `notebook` is its content as the author left it, `session`
    the server's model of the session that runs it. Raises ValueError for what is no notebook.
    """
    kernel = mapping(session, "kernel")
    return Published(
        notebook=path,
        cells=digests(notebook),
        session=text(session, "id"),
        kernel=text(kernel, "id"),
        kernel_name=text(kernel, "name"),
    )
