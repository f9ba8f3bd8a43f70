"""No peer at all: the load speaks to the server behind."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bench.peers.peer import PREFIX, Front

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.peers.peer import Site


class Direct:
    """See bench.peers.peer.Peer."""

    name = "direct"
    whole = False

    async def version(self) -> str:
        """See Peer."""
        return "no proxy"

    @asynccontextmanager
    async def front(self, site: Site) -> AsyncIterator[Front]:
        """See Peer."""
        yield Front(self.name, (f"http://127.0.0.1:{site.backend}{PREFIX}",), (), "")
