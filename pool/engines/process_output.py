"""The output of an instance of the process engine, read on from where it was left. Blocking."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pool.engines.engine import OUTPUT_LIMIT, Output

if TYPE_CHECKING:
    from pool.engines.process_folder import InstanceFolder

_MARK = re.compile(r"p([0-9]{1,18})", re.ASCII)
"""A place is a number of bytes since the instance's first, those included that have been cut away."""


def read_on(folder: InstanceFolder, lines: int, mark: str, *, ended: bool) -> Output:
    """See Engine.output. Nothing may cut the output meanwhile. What an instance that has `ended` wrote last
    counts as a line without its end too. Raises OSError.
    """
    found = _MARK.fullmatch(mark)
    try:
        with folder.log.open("rb") as file:
            dropped = folder.dropped()
            size = file.seek(0, 2)
            at = int(found[1]) - dropped if found else size - OUTPUT_LIMIT
            at = min(max(at, 0), size)
            file.seek(at)
            content = file.read(OUTPUT_LIMIT)
    except FileNotFoundError:
        return Output("", mark)
    whole = content if ended and at + len(content) == size else _whole_lines(content)
    text = whole if found else b"".join(whole.splitlines(keepends=True)[-lines:])
    return Output(text.decode(errors="replace"), f"p{dropped + at + len(whole)}")


def _whole_lines(content: bytes) -> bytes:
    """Leave a line whose end is still to come for the next time, unless it is all there is."""
    end = content.rfind(b"\n") + 1
    return content[:end] if end or len(content) < OUTPUT_LIMIT else content
