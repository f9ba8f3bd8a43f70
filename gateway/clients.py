"""Which address a request comes from, for what is limited by address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from gateway.proxy import fields
from gateway.proxy.visitor import parse_address

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.proxy.visitor import Address, Visitors

log = structlog.stdlib.get_logger(__name__)


class Clients:
    """Sees visitors' addresses through trusted proxies, and warns once of a proxy that is not trusted."""

    def __init__(self, visitors: Visitors) -> None:
        self.visitors = visitors
        self._warned = False

    def of(self, request: web.BaseRequest) -> Address | None:
        """Return the visitor's address; None when the connection is gone already."""
        named = fields.by_name(request.raw_headers)
        if b"x-forwarded-for" in named and not self._warned:
            self._warn_of_a_proxy(parse_address(request.remote))
        return self.visitors.address(request.remote, named)

    def _warn_of_a_proxy(self, peer: Address | None) -> None:
        # Only of this machine's own peers is it sure that they are proxies: anybody else may send this field.
        if peer is not None and peer.is_loopback and not self.visitors.trusts(peer):
            self._warned = True
            log.warning(
                "proxy_not_trusted",
                peer=str(peer),
                remedy=f'add "{peer}" to trusted_proxies of [gateway]: until then no address is limited',
            )
