"""Reads a query in which nothing can be read in two ways. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

_NAME = re.compile(r"[A-Za-z_]{1,32}")
_VALUE = re.compile(r"[0-9A-Za-z._~-]{0,64}")
_TIME = re.compile(r"[0-9]{1,20}")
"""What pages put behind a query so that no cache answers: the time (JupyterLab, `ServerConnection`)."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parameters(query: str) -> dict[str, str] | None:
    """Return a query's names and values, without the page's time; None for any a page would not send."""
    found: dict[str, str] = {}
    for part in query.split("&") if query else []:
        if _TIME.fullmatch(part):
            continue
        name, is_there, value = part.partition("=")
        if not is_there or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or name in found:
            return None
        found[name] = value
    return found


def decoded(path: str) -> str | None:
    """Return a path as the server will read it, or None for one that is no text or names a hidden file."""
    try:
        text = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return None
    parts = text.split("/")
    plain = not _CONTROL.search(text) and "\\" not in text and path.count("/") == text.count("/")
    return text if plain and not any(part == "" or part.startswith(".") for part in parts) else None
