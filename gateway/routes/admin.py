"""The operator's door, on a port of its own: metrics, instances, drain and scale."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway.answers import data
from gateway.errors import BadRequest
from gateway.operating import access
from gateway.routes.tmpnb import BODY_LIMIT
from gateway.version import VERSION
from pool.errors import EngineError

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler
    from prometheus_client import CollectorRegistry

    from gateway.site import Site
    from pool.core.instance import Instance
    from pool.pool import Pool

MEASURE_LIMIT = 5.0
"""Seconds for measuring all instances; what is not known by then is told as null."""

OPEN = frozenset({"/healthz", "/readyz"})
"""Asked by what watches the gateway and need not know the token."""


class Admin:
    """`/metrics`, `/api/instances`, `DELETE /api/pool`, `/api/pools/<name>/scale`."""

    def __init__(self, site: Site, registry: CollectorRegistry) -> None:
        self._site = site
        self._registry = registry

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers; a trailing slash is allowed as tmpnb did."""
        return [
            web.get("/metrics", self.metrics),
            *(web.delete(path, self.drain) for path in ("/api/pool", "/api/pool/")),
            *(web.get(path, self.instances) for path in ("/api/instances", "/api/instances/")),
            *(web.post(f"/api/pools/{{name}}/scale{end}", self.scale) for end in ("", "/")),
        ]

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who may use the admin port. Raises Forbidden, LoginWanted."""
        if request.path not in OPEN and not request.path.startswith("/assets/"):
            access.admit(request, self._site.settings.gateway.admin_token.get_secret_value())
        return await handler(request)

    async def metrics(self, _request: web.Request) -> web.Response:
        """Tell all counters in Prometheus' text form."""
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def drain(self, request: web.Request) -> web.Response:
        """End every warm instance; new ones follow. Sessions stay."""
        return data({"drained": self._site.pools.drain(request.query.get("pool"))})

    async def scale(self, request: web.Request) -> web.Response:
        """Keep another number warm from now on: `{"warm": 5}`, bounded by the pool's `max`."""
        body = await request.content.read(BODY_LIMIT)
        try:
            warm = orjson.loads(body)["warm"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise BadRequest('the body must be JSON such as {"warm": 5}') from None
        if not isinstance(warm, int) or isinstance(warm, bool) or warm < 0:
            raise BadRequest("`warm` must be a whole number from 0")
        pool = self._site.pools.scale(request.match_info["name"], warm)
        return data({"pool": pool.name, "warm": pool.warm, "max": pool.settings.max})

    async def instances(self, request: web.Request) -> web.Response:
        """List every instance with its state, age and idle time in seconds, charge and measured memory in
        bytes, which cells of its notebook failed, and every pool. `?measure=no` answers at once, with null
        for what was not measured.
        """
        wish = request.query.get("measure", "yes")
        if wish not in {"yes", "no"}:
            raise BadRequest("`measure` must be yes or no")
        instances = sorted(self._site.pools.roster, key=lambda i: (i.pool, i.created_at))
        measured = await self._measure(instances) if wish == "yes" else {}
        now = self._site.clock()
        roster = self._site.pools.roster
        return data(
            {
                "version": VERSION,
                "gateway": self._site.settings.engine.gateway_id,
                "pools": [self._pool(pool) for pool in self._site.pools],
                "budget": roster.budget,
                "charged": roster.charged,
                "instances": [
                    {
                        "id": instance.id,
                        "pool": instance.pool,
                        "state": instance.state.value,
                        "age": round(now - instance.created_at, 1),
                        "charge": instance.charge,
                        "measured": measured.get(instance.id),
                        "generation": instance.generation,
                        "cell_errors": [asdict(error) for error in self._site.pools.cell_errors(instance.id)],
                        "idle": None
                        if instance.last_activity is None
                        else round(now - instance.last_activity, 1),
                    }
                    for instance in instances
                ],
            }
        )

    def _pool(self, pool: Pool) -> dict[str, Any]:
        occupancy = self._site.occupancy(pool)
        return {
            "name": pool.name,
            "warm": pool.warm,
            "max": pool.settings.max,
            "capacity": occupancy["capacity"],
            "waiting": self._site.waiting.line.waiting(pool.name),
        }

    async def _measure(self, instances: list[Instance]) -> dict[str, int]:
        measured: dict[str, int] = {}

        async def one(instance_id: str) -> None:
            try:
                measured[instance_id] = await self._site.engine.measure(instance_id)
            except EngineError:
                return  # told as null: the list is still worth having

        try:
            async with asyncio.timeout(MEASURE_LIMIT):
                await asyncio.gather(*(one(instance.id) for instance in instances))
        except TimeoutError:
            return measured
        return measured
