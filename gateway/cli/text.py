"""Other people's text on the operator's terminal. Pure."""

from __future__ import annotations

import re

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
"""What programs write for colours, and nothing else; taken out, as it would not end with the line."""

UNSEEN = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that move the cursor, change the terminal or let text read other than it is written."""


def plain(line: str) -> str:
    """Return one line with its colours taken out and all else that a terminal would obey made visible.

    A visitor's program can write anything; printed as it is, it could rewrite what the operator reads.
    """
    return UNSEEN.sub(_shown, COLOURS.sub("", line.removesuffix("\r")))


def _shown(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
