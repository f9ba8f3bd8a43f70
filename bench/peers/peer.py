"""What can stand between a visitor and the server behind, as the measures see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from bench.cpus import Cpus

PREFIX = "/user/bench/"
"""Where the server behind is found through peers that are told a path: as long as JupyterHub's."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a peer is started with."""

    folder: Path
    """Empty, for its files."""
    backend: int
    """Port of the server behind, on the loopback address."""
    cpus: Cpus
    sessions: int = 1
    """How many addresses lead through it, for peers that know sessions."""


@dataclass(frozen=True, slots=True)
class Front:
    """A peer that runs."""

    peer: str
    urls: tuple[str, ...]
    """Addresses that end with a slash; behind each of them the server answers."""
    pids: tuple[int, ...]
    """The processes whose CPU and memory count. None for no peer at all."""
    setup: str
    """Its command and configuration, for the report."""

    @property
    def url(self) -> str:
        """The first address."""
        return self.urls[0]


class Peer(Protocol):
    """Something to compare."""

    @property
    def name(self) -> str:
        """Return its name in options and tables."""
        ...

    @property
    def whole(self) -> bool:
        """Return whether it makes its visitors' servers itself, and cannot stand before ours."""
        ...

    async def version(self) -> str:
        """Return its version. Raises FileNotFoundError when it is not installed."""
        ...

    def front(self, site: Site) -> AbstractAsyncContextManager[Front]:
        """Run it in front of the server behind until the context ends."""
        ...
