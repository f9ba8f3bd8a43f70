"""Every pool's preview, rendered once for each version, and never on a visitor's way."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

import structlog

from gateway.previews.rendering import render
from gateway.previews.shown import Rendered, Shown
from pool.kinds.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.pool import Pool
    from pool.pools import Pools

log = structlog.stdlib.get_logger(__name__)

VERSION_LENGTH = 16

NOTHING = Preview()
LANGUAGES = {"r": "R", "javascript": "JavaScript", "typescript": "TypeScript", "c++": "C++", "sql": "SQL"}
"""Names that are not written like others."""


class Previews:
    """What is to be seen of each pool. `later` does some work soon, on another thread or not."""

    def __init__(self, pools: Pools, later: Callable[[Callable[[], None]], None]) -> None:
        self._pools = pools
        self._later = later
        self._rendered: dict[str, Rendered] = {}
        pools.on_preview(self._take)

    def find(self, name: str) -> Shown:
        """Return what is to be seen of the named pool now; of one that nobody knows, its name.

        The settings' title and description win over the notebook's own.
        """
        pool = self._pools.peek(name)
        rendered = self._rendered.get(name)
        if pool is None or pool.preview is None or rendered is None:
            rendered = Rendered(NOTHING)
        preview = rendered.of
        title = (pool.settings.title if pool else "") or preview.title or name.capitalize()
        description = (pool.settings.description if pool else "") or preview.description
        return Shown(
            title=title,
            description=description,
            authors=preview.authors,
            tags=preview.tags,
            language=LANGUAGES.get(preview.language, preview.language.capitalize()),
            html=rendered.html,
            cells=rendered.cells,
            excerpt=rendered.excerpt,
            picture=rendered.picture,
            version=_version(title, description, rendered.digest),
        )

    def _take(self, pool: Pool) -> None:
        if pool.preview is not None:
            self._later(partial(self._render, pool, pool.preview))

    def _render(self, pool: Pool, preview: Preview) -> None:
        try:
            rendered = render(preview)
        except Exception:
            # Whatever an author's notebook holds, the pool's pages go on without it.
            log.exception("preview_not_rendered", pool=pool.name)
            return
        if pool.preview is preview:
            self._rendered[pool.name] = rendered


def _version(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:VERSION_LENGTH]
