"""Where and how one instance's server is spoken to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pool.engines.engine import Address


@dataclass(frozen=True, slots=True)
class Upstream:
    """An instance's server as relay and kinds see it. Both paths begin and end with `/`."""

    address: Address
    public_path: str = field(repr=False)
    """The path visitors use: `/user/<id>/`, behind the path of `public_url`."""
    base_path: str = field(repr=False)
    """The path the server itself serves under: the same, or `/` where the prefix is stripped."""
    credential: tuple[tuple[str, str], ...] = field(repr=False, default=())
    """Header fields that open the server; added to every request, seen by no visitor."""
    secret: str = field(repr=False, default="")
    """The token itself, taken out of pages that would show it."""

    @property
    def origin(self) -> str:
        """`http://host:port`, without a path."""
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        return f"http://{host}:{self.address.port}"

    def url(self, path: str) -> str:
        """Return the absolute URL of a path relative to the server's base."""
        return f"{self.origin}{self.base_path}{path}"
