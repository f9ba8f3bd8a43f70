"""Where a load goes."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit


class Where(NamedTuple):
    """An address and a path."""

    host: str
    port: int
    path: str


def where(url: str) -> Where:
    """Return the parts of an `http` address. Raises ValueError where it names no port."""
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise ValueError(f"{url} names no host and port")
    return Where(parts.hostname, parts.port, parts.path)
