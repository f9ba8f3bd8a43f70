"""How long and how much the cache of assets waits for and holds. All named, all in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are seconds, sizes bytes. Tests shorten them; nothing else should need to."""

    file: int = 16 * 2**20
    """A longer file is always relayed. The longest of JupyterLab's pages has 2.5 MiB."""
    fetch: float = 10.0
    """For an instance to send a whole file; none that is ready needs more than a moment."""
    patience: float = 120.0
    """For an instance to be warm again: the visitor whose page wants a file has often taken the last one."""
    look_every: float = 1.0
    """Between two looks whether one is."""
    wanted: int = 512
    """Files that wait to be fetched, of one generation of a pool."""
    by_session: int = 512
    """Files that are fetched for what one session asks, or a visitor could keep warm instances at work."""
    refused: int = 1024
    """Files remembered as not to be kept, so that they are not fetched for each page anew."""
    refused_for: float = 600.0
    """So long they are; a release may have changed how they are answered."""


DEFAULT = Limits()
