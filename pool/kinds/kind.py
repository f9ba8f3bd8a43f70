"""The port every kind implements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import aiohttp

    from config import PoolSettings
    from pool.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a kind adds to a pool's settings to make a Launch. `{ip}` and `{port}` are still to be filled."""

    command: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    port: int
    tmpfs: tuple[str, ...]
    skeleton: Path | None = None
    """A folder whose content a new instance finds in its home, where no image brings one."""


class Kind(Protocol):
    """How one sort of server is started, probed, warmed and entered. Holds no state of instances.

    `http` is a client session without cookies and without a total time limit of its own; a kind sets its own
    named limits. `path` arguments are relative to the server's base, without a query.
    """

    @property
    def name(self) -> str:
        """The word of the configuration."""
        ...

    def strips_prefix(self, pool: PoolSettings) -> bool:
        """True when the server serves under `/` and the relay takes the session's prefix off."""
        ...

    def recipe(self, pool: PoolSettings, *, base_path: str, token: str) -> Recipe:
        """Return how to start a server that serves under `base_path` and asks for `token`."""
        ...

    def asks_token(self, pool: PoolSettings) -> bool:
        """Return whether the server was told the token and asks for it."""
        ...

    def credential(self, token: str) -> tuple[tuple[str, str], ...]:
        """Return the header fields that open a server started with `token`."""
        ...

    def entry(self, pool: PoolSettings) -> str:
        """Return where a visitor lands, relative to the session's path."""
        ...

    async def probe(self, http: aiohttp.ClientSession, upstream: Upstream, pool: PoolSettings) -> bool:
        """Return whether the server answers. Never raises for a server that is not there yet."""
        ...

    async def warm(self, http: aiohttp.ClientSession, upstream: Upstream, pool: PoolSettings) -> None:
        """Start what a visitor would wait for: kernel, notebook, its cells. Safe to do twice, because an
        adopted instance may have been warmed before. Raises WarmFailed.
        """
        ...

    async def is_busy(self, http: aiohttp.ClientSession, upstream: Upstream) -> bool:
        """Return whether the server computes right now, though nobody looks; False when it cannot say."""
        ...

    def is_activity(self, method: str, path: str) -> bool:
        """Return whether a request is a visitor's doing, not a page that polls by itself."""
        ...

    def amends(self, method: str, path: str) -> bool:
        """Return whether the body of such a request goes through `amend` before the server gets it."""
        ...

    async def amend(self, http: aiohttp.ClientSession, upstream: Upstream, body: bytes) -> bytes:
        """Return the body the server gets instead, or the same one."""
        ...

    def hides_secret(self, path: str, status: int) -> bool:
        """Return whether an HTML answer at this path, of this status, may show the token, which must be
        taken out.
        """
        ...

    def is_asset(self, path: str, query: str) -> bool:
        """Return whether path and query, which keeps its `?`, name a file of the image by its content, so
        that all instances answer a GET alike. Called often; must be cheap.
        """
        ...
