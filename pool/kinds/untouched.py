"""For kinds whose servers' bytes pass as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp

    from pool.upstream import Upstream


class Untouched:
    """No body is changed on its way, and no page is known to show the token."""

    def amends(self, method: str, path: str) -> bool:  # noqa: ARG002 - the port's
        """Return False: what a page sends is what the server gets."""
        return False

    async def amend(self, http: aiohttp.ClientSession, upstream: Upstream, body: bytes) -> bytes:  # noqa: ARG002 - the port's
        """Return the body as it is."""
        return body

    def hides_secret(self, path: str, status: int = 200) -> bool:  # noqa: ARG002 - the port's
        """Return False: nothing is taken out of a page."""
        return False

    def page_script(self, path: str) -> bytes:  # noqa: ARG002 - the port's
        """Return nothing: pages stay as they are."""
        return b""
