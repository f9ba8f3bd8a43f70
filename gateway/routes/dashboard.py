"""The operator's page and what it lives on: `/`, `/api/overview` and its stream of events."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from gateway.answers import ASSETS, data, page, page_policy
from gateway.errors import AddressUnknown
from gateway.operating import shown
from gateway.operating.overview import lasting, overview

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.site import Site

PERIOD = 1.0
"""Seconds between two looks at the numbers, and so at least between two messages."""

SILENCE = 5.0
"""Seconds after which a message comes though nothing changed: the page knows that we live."""

WRITE_LIMIT = 10.0
"""Seconds a reader may take over one message; a browser asks again by itself."""

POLICY = f"{page_policy()}; script-src 'self'; frame-ancestors 'none'"

NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}


ASSET_NAMES = frozenset(file.name for file in ASSETS.iterdir())


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The numbers of one moment. `number` changes with each change that is news."""

    made_at: float
    number: int
    view: dict[str, Any]
    lasting: dict[str, Any]
    message: bytes


class Dashboard:
    """One look a second serves all readers. `wall` gives seconds since 1970."""

    def __init__(self, site: Site, wall: Callable[[], float] = time.time) -> None:
        self._site = site
        self._wall = wall
        self._began = site.clock()
        self._latest: Snapshot | None = None
        self._streams: set[asyncio.Timeout] = set()
        self._stopping = False

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers; on the admin port only."""
        return [
            web.get("/", self.show),
            web.get("/api/overview", self.numbers),
            web.get("/api/overview/events", self.events, allow_head=False),
            web.get("/assets/{name}", self.asset),
        ]

    async def show(self, _request: web.Request) -> web.Response:
        """Show the page with the numbers of now; its script keeps them so."""
        return page(
            "dashboard.html",
            headers={"Content-Security-Policy": POLICY},
            prefix=".",
            view=self.look().view,
            field=shown.field,
        )

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """Send style, scripts and icon, to be asked after each time: those of two versions do not fit."""
        name = request.match_info["name"]
        if name not in ASSET_NAMES:
            raise AddressUnknown("no such asset")
        return web.FileResponse(ASSETS / name, headers={"Cache-Control": "no-cache", **NO_SNIFFING})

    async def numbers(self, _request: web.Request) -> web.Response:
        """Tell the same to a program."""
        return data(self.look().view, headers=NO_SNIFFING)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Tell it again with each change, as server-sent events, until the reader or the gateway leaves."""
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
                **NO_SNIFFING,
            }
        )
        try:
            async with asyncio.timeout(0 if self._stopping else None) as until_stopped:
                self._streams.add(until_stopped)
                try:
                    await response.prepare(request)
                    await self._keep_telling(response)
                finally:
                    self._streams.discard(until_stopped)
        except (TimeoutError, ConnectionResetError):
            transport = request.transport
            if transport is not None and transport.get_write_buffer_size():
                # It reads nothing: what is left to say would be waited for.
                transport.abort()
        return response

    async def stop(self, _app: web.Application) -> None:
        """End all streams at once, also those whose reader has fallen asleep."""
        self._stopping = True
        now = asyncio.get_running_loop().time()
        for stream in self._streams:
            stream.reschedule(now)

    def look(self) -> Snapshot:
        """Return numbers that are less than PERIOD old."""
        now, before = self._site.clock(), self._latest
        if before is not None and now - before.made_at < PERIOD:
            return before
        view = overview(self._site, now=self._wall(), uptime=now - self._began)
        news = lasting(view)
        number = 0 if before is None else before.number + (news != before.lasting)
        self._latest = Snapshot(now, number, view, news, b"data: " + orjson.dumps(view) + b"\n\n")
        return self._latest

    async def _keep_telling(self, response: web.StreamResponse) -> None:
        told: Snapshot | None = None
        while True:
            latest = self.look()
            if told is None or latest.number != told.number or latest.made_at - told.made_at >= SILENCE:
                async with asyncio.timeout(WRITE_LIMIT):
                    await response.write(latest.message)
                told = latest
            await asyncio.sleep(PERIOD)
