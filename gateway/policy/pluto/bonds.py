"""Which names are bound to widgets. Pure.

Pluto sets any global of the notebook that a message names; only what a notebook shows tells which names have
a widget, `<bond def="name">` (src/runner, `Base.show` of a `Bond`). What was shown before any visitor came is
trusted. Later outputs may repeat a visitor's own words, so a name in them counts only where the author's code
binds it as well.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = b"<bond"
SHOWN = re.compile(rb'<bond\s(?:[^<>]{0,200}\s)?def="([^"<>]{1,200})"')
"""In a message as it is packed: MsgPack keeps texts in one piece."""


def shown_in(message: bytes) -> Iterator[str]:
    """Yield the names of the widgets in anything the server sends."""
    if MARK not in message:
        return
    for found in SHOWN.finditer(message):
        try:
            yield unescape(found[1].decode())
        except UnicodeDecodeError:
            continue
