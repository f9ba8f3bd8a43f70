"""What is kept of an instance that runs, besides its place in the roster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pool.kinds.kind import Warmed

if TYPE_CHECKING:
    from pool.labels import Tag
    from pool.upstream import Upstream

NOTHING_FOUND = Warmed()


@dataclass(slots=True)
class Running:
    """One instance: what its labels say, how its server is spoken to, what warming found out."""

    tag: Tag
    upstream: Upstream
    warmed: Warmed = NOTHING_FOUND

    @property
    def entry(self) -> str:
        """Where a visitor lands, relative to the session's path."""
        return self.warmed.entry or self.tag.record.entry
