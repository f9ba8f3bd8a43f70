"""A site with pools and nothing real behind them, and requests as its routes get them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiohttp.test_utils import make_mocked_request
from pydantic import SecretStr

from gateway.clients import Clients
from gateway.previews.previews import Previews
from gateway.proxy.visitor import Visitors
from gateway.session_hosts import session_hosts
from tests.support.house import House

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

    from config import PoolSettings


class Stage:
    """What a route looks at of a site."""

    def __init__(
        self,
        folder: Path,
        *pools: PoolSettings,
        public_url: str = "",
        session_domain: str = "",
        api_token: str = "",
    ) -> None:
        self.house = House(folder, *pools)
        self.house.pools.settle()
        gateway = SimpleNamespace(public_url=public_url, api_token=SecretStr(api_token), embed_origins=())
        hosts = session_hosts(public_url, session_domain)
        self.site: Any = SimpleNamespace(
            settings=SimpleNamespace(gateway=gateway),
            prefix="",
            session_hosts=hosts,
            frame_sources=hosts.sources,
            pools=self.house.pools,
            previews=Previews(self.house.pools, lambda work: work()),
            clients=Clients(Visitors()),
            clock=self.house.clock,
        )


def request(
    path: str, method: str = "GET", *, headers: dict[str, str] | None = None, **match: str
) -> web.Request:
    """Return a request for a path, with what the route has read out of it."""
    fields = {"Host": "gateway.example", **(headers or {})}
    return make_mocked_request(method, path, headers=fields, match_info=match)
