"""The port every kind implements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import aiohttp

    from config import PoolSettings
    from pool.kinds.preview import Preview
    from pool.kinds.published import Published
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


@dataclass(frozen=True, slots=True)
class CellError:
    """An author's cell that failed while its notebook was made ready."""

    notebook: str
    cell: int
    """Its place among the notebook's cells, from 1."""
    error: str
    """One line, such as `NameError` or `UndefVarError: x not defined`."""

    def __str__(self) -> str:
        """Return it as a person reads it."""
        return f"{self.notebook}, cell {self.cell}: {self.error}"


@dataclass(frozen=True, slots=True)
class Warmed:
    """What was found out while an instance was made warm."""

    entry: str = ""
    """Where a visitor lands, relative to the session, where only the server could tell; else empty."""
    cell_errors: tuple[CellError, ...] = ()
    published: Published | None = None
    """What readers may use of the notebook in view mode; None where there is none."""
    preview: Preview | None = field(default=None, repr=False)
    """What the executed notebook shows; None where there is none, or where it cannot be told."""


def unheard(doing: str) -> None:
    """Be told what warming does, and do nothing with it."""


class Kind(Protocol):
    """How one sort of server is started, probed, warmed and entered. Holds no state of instances.

    `http` is a client session without cookies and without a total time limit of its own; a kind sets its own
    named limits. `path` arguments are relative to the server's base, without a query.
    """

    @property
    def name(self) -> str:
        """The word of the configuration."""
        ...

    @property
    def is_heartbeat(self) -> Callable[[bytes], bool] | None:
        """Says of a short websocket message of the browser whether it is the page's own sign of life, and not
        a visitor's doing. None where pages send none.
        """
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

    async def warm(
        self,
        http: aiohttp.ClientSession,
        upstream: Upstream,
        pool: PoolSettings,
        tell: Callable[[str], None] = unheard,
    ) -> Warmed:
        """Start what a visitor would wait for: kernel, notebook, its cells. Safe to do twice, because an
        adopted instance may have been warmed before. Takes as long as it takes: the limit is the caller's.

        `tell` hears what is being waited for, a few words such as `cell 3 of a.ipynb`. Raises WarmFailed.
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

    def page_script(self, path: str) -> bytes:
        """Return what is put into the head of the HTML page at this path, before its own scripts; empty for
        all pages that stay as they are. Called for every request; must be cheap.
        """
        ...

    def is_asset(self, path: str, query: str) -> bool:
        """Return whether path and query, which keeps its `?`, name a file of the image by its content, so
        that all instances answer a GET alike. Called often; must be cheap.
        """
        ...
