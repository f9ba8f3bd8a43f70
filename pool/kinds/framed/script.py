"""Puts the script together: what all pages do, and what one kind knows of its own."""

from __future__ import annotations

from pathlib import Path

COMMON = (Path(__file__).parent / "framed.js").read_bytes()


def script(page: Path) -> bytes:
    """Return the `<script>` for a kind's pages. `page` is its own part, an expression: see framed.js."""
    return b"<script>(() => {\n" + COMMON + b"framed(" + page.read_bytes().strip() + b");\n})();</script>"
