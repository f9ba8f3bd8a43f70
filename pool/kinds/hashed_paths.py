"""Addresses that name the very bytes they lead to, as bundlers write them: `main.3f2a1b4c.js`. Pure."""

from __future__ import annotations

import re

NAME = re.compile(
    r".*[.-](?P<hash>(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,64})\."
    r"(?:[a-z]+\.)?(?:avif|css|gif|ico|jpe?g|js|map|mjs|otf|png|svg|ttf|wasm|webp|woff2?)"
)
"""A file that browsers load for a page, with a hash in its name.

Only digits may be a date, only letters a word."""

LONGEST = 512
"""Characters of path and query together; bundlers stay far below."""


def holds_hash(path: str, query: str) -> bool:
    """Return whether the file's name holds a hash, and the query, with its `?`, is empty or only repeats it.

    With any other query one file would have addresses without end.
    """
    if "." not in path or len(path) + len(query) > LONGEST or "%" in path:
        return False
    found = NAME.fullmatch(path, path.rfind("/") + 1)
    return found is not None and (not query or query == f"?v={found['hash']}")
