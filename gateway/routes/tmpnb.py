"""tmpnb's addresses, answered field by field as tmpnb did; fields may be added, none is changed."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import orjson
from aiohttp import hdrs, web

from gateway.answers import data, page
from gateway.errors import BadRequest, Forbidden, SessionUnknown
from gateway.routes.destination import destination
from gateway.routes.waiting import ASK_AGAIN, PAGE_PATIENCE, PROGRAM_PATIENCE, in_line, only_navigations
from gateway.version import VERSION
from pool.session import Session

if TYPE_CHECKING:
    from gateway.site import Site

BODY_LIMIT = 4096
"""Bytes a spawn request may bring."""


class Tmpnb:
    """`/api/spawn`, `/api/stats`, `/stats`, `/spawn…`, `/info`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers; a trailing slash is allowed everywhere."""
        return [
            *(web.post(path, self.spawn_api) for path in ("/api/spawn", "/api/spawn/")),
            *(web.get(path, self.stats) for path in ("/api/stats", "/api/stats/")),
            *(web.get(path, self.old_stats) for path in ("/stats", "/stats/")),
            *(web.get(path, self.info) for path in ("/info", "/info/")),
            # HEAD would take an instance for somebody who only looks.
            web.get("/spawn", self.spawn, allow_head=False),
            web.get("/spawn/{rest:.*}", self.spawn, allow_head=False),
            web.post("/spawn", self.spawn),
            web.post("/spawn/{rest:.*}", self.spawn),
        ]

    async def spawn_api(self, request: web.Request) -> web.Response:
        """Assign an instance to a program: 200 with its URL, or 429 with tmpnb's `{"status": "full"}`.

        With `?wait=1` a program that finds nothing free gets 202 and a ticket instead.
        """
        self._authorize(request)
        self._keep_out_other_sites(request)
        patience = PROGRAM_PATIENCE if request.query.get("wait") in {"1", "true"} else None
        pool = await _wish(request)
        got = await self._site.assigner.arrive(pool, self._site.caller(request), patience=patience)
        if isinstance(got, Session):
            return data(self._site.handed_over(got))
        place = self._site.waiting.place(got.id)
        location = self._site.path(f"/api/tickets/{got.id}")
        told = {**in_line(place), "ticket": got.id, "url": location, "events": f"{location}/events"}
        return data(told, status=202, headers={"Location": location, "Retry-After": str(ASK_AGAIN)})

    async def stats(self, _request: web.Request) -> web.Response:
        """Tell how many instances are free and how many there can be."""
        pools = self._site.occupancies()
        return data(
            {
                "available": sum(pool["available"] for pool in pools),
                "capacity": self._capacity(),
                "version": VERSION,
                "container_image": self._site.settings.pools[0].image,
                "pools": {
                    pool["name"]: {
                        key: pool[key] for key in ("available", "starting", "assigned", "waiting", "capacity")
                    }
                    for pool in pools
                },
            }
        )

    async def old_stats(self, _request: web.Request) -> web.Response:
        """Send callers of tmpnb's older address on."""
        raise web.HTTPMovedPermanently(self._site.path("/api/stats"))

    async def info(self, _request: web.Request) -> web.Response:
        """Show the same to a person."""
        pools = self._site.occupancies()
        return page(
            "info.html",
            prefix=self._site.prefix,
            pools=pools,
            available=sum(pool["available"] for pool in pools),
            capacity=self._capacity(),
            version=VERSION,
        )

    async def spawn(self, request: web.Request) -> web.Response:
        """Assign an instance to a person and send them there, or to the path behind `/spawn`."""
        if self._token():
            # Whoever wants a token asked for does not want this door beside it.
            raise SessionUnknown("spawning is by API only")
        only_navigations(request)
        where = destination(request.raw_path.removeprefix(self._site.prefix).removeprefix("/spawn"))
        pool = request.query.get("pool")
        if request.method == hdrs.METH_POST:
            pool = pool or await _wish(request)
        got = await self._site.assigner.arrive(pool, self._site.caller(request), patience=PAGE_PATIENCE)
        if isinstance(got, Session):
            location = where.under(self._site.session_base(got.id), got.entry)
        else:
            location = where.after(self._site.path(f"/wait/{got.id}"), got.pool)
        status = 303 if request.method == hdrs.METH_POST else 302
        return web.Response(status=status, headers={"Location": location, "Cache-Control": "no-store"})

    def _capacity(self) -> int:
        """Return how many instances there can be at once, over all pools."""
        cheapest = min(pool.memory for pool in self._site.settings.pools)
        together: int = sum(pool["capacity"] for pool in self._site.occupancies())
        return min(together, self._site.pools.roster.budget // cheapest)

    def _token(self) -> str:
        return self._site.settings.gateway.api_token.get_secret_value()

    def _keep_out_other_sites(self, request: web.Request) -> None:
        """Raise Forbidden for a script of a site that is not listed; programs do not say where they stand."""
        foreign = request.headers.get("Sec-Fetch-Site", "none") in {"cross-site", "same-site"}
        allowed = self._site.settings.gateway.embed_origins
        if foreign and "*" not in allowed and request.headers.get(hdrs.ORIGIN) not in allowed:
            raise Forbidden("a site that is not in embed_origins")

    def _authorize(self, request: web.Request) -> None:
        if self._token() and not carries(request, self._token()):
            raise Forbidden("/api/spawn without the api_token")


def carries(request: web.BaseRequest, token: str) -> bool:
    """Return whether a request's Authorization field holds this token, as `token …` or `Bearer …`."""
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    # A field may hold any bytes; those that are no text come as surrogates.
    matches = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), token.encode())
    return matches and scheme.lower() in {"token", "bearer"}


async def _wish(request: web.Request) -> str | None:
    """Return the pool a request names in its query, its JSON or its form. Raises BadRequest."""
    if (named := request.query.get("pool")) is not None:
        return named
    if not request.can_read_body:
        return None
    body = await request.content.read(BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT or not request.content.at_eof():
        raise BadRequest(f"more than {BODY_LIMIT} bytes")
    if not body.strip():
        return None
    if request.content_type == "application/x-www-form-urlencoded":
        wish: object = dict(part.partition("=")[::2] for part in body.decode("latin-1").split("&"))
    else:
        try:
            wish = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise BadRequest("the body is not JSON") from None
    named = wish.get("pool") if isinstance(wish, dict) else None
    if named is not None and not isinstance(named, str):
        raise BadRequest("`pool` is not text")
    return named or None
