"""The waiting line as people and programs see it."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from gateway.answers import data, page
from gateway.errors import Forbidden, SessionBusy
from gateway.routes.destination import destination
from pool.errors import TicketUnknown, TicketUsed

if TYPE_CHECKING:
    from gateway.site import Site
    from pool.waiting import Place

PAGE_PATIENCE = 8.0
"""Seconds a closed page keeps its place: enough for a reload, and for a short loss of the network."""

PROGRAM_PATIENCE = 30.0
"""Seconds a program may let pass between two questions."""

RELOAD_AFTER = 3
"""Seconds after which a page without scripts looks again."""

ASK_AGAIN = 2
"""Seconds after which a program should ask again."""

TELL_EVERY = 5.0
"""Seconds after which a stream tells its place again though nothing has changed: it shows that both are
there.
"""

CALM = 0.5
"""Seconds between two events of a stream at least: everybody in line is told of every step of it."""

STREAMS = 8
"""Streams of events one ticket may have: tabs of one browser."""

RECONNECT = 2000
"""Milliseconds after which a browser opens a broken stream again."""


class WaitingLine:
    """`/wait/<ticket>…` for people; `/api/tickets/<ticket>` and its `/events` for programs and for the
    page's script.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        """Return what this file answers."""
        return [
            # HEAD would use the ticket for somebody who only looks.
            web.get("/wait/{ticket}", self.wait, allow_head=False),
            web.get("/wait/{ticket}/{rest:.*}", self.wait, allow_head=False),
            web.get("/api/tickets/{ticket}", self.ask, allow_head=False),
            web.delete("/api/tickets/{ticket}", self.leave),
            web.get("/api/tickets/{ticket}/events", self.events, allow_head=False),
        ]

    async def wait(self, request: web.Request) -> web.StreamResponse:
        """Send a person on to their notebook when it is their turn; until then show where they stand."""
        only_navigations(request)
        ticket = request.match_info["ticket"]
        where = destination(request.raw_path.removeprefix(self._site.prefix).removeprefix(f"/wait/{ticket}"))
        again = where.after(self._site.path("/spawn"), request.query.get("pool", ""))
        try:
            session = await self._site.assigner.redeem(ticket, self._site.caller(request))
            if session is not None:
                location = where.under(self._site.session_base(session.id), session.entry)
                return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
            place = self._site.waiting.place(ticket)
        except (TicketUnknown, TicketUsed) as error:
            return self._over(error, again)
        return page(
            "waiting.html",
            status=200,
            scripts=True,
            prefix=self._site.prefix,
            place=place,
            told=self._told(place),
            title=self._site.title(place.pool),
            address=self._site.path(f"/api/tickets/{ticket}"),
            again=again,
            reload=RELOAD_AFTER,
        )

    async def ask(self, request: web.Request) -> web.Response:
        """Tell a program where it stands, or hand its notebook over: then the ticket is used."""
        ticket = request.match_info["ticket"]
        session = await self._site.assigner.redeem(ticket, self._site.caller(request))
        if session is not None:
            return data({"status": "ready", **self._site.handed_over(session)})
        told = self._told(self._site.waiting.place(ticket))
        return data(told, headers={"Retry-After": str(ASK_AGAIN)})

    async def leave(self, request: web.Request) -> web.Response:
        """Give the place up. Raises TicketUnknown."""
        if not self._site.waiting.leave(request.match_info["ticket"]):
            raise TicketUnknown
        return web.Response(status=204)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Tell where a ticket stands, whenever that changes, until it is its turn (server-sent events)."""
        waiting, ticket = self._site.waiting, request.match_info["ticket"]
        if waiting.watchers(ticket) >= STREAMS:
            raise SessionBusy("streams of one ticket")
        with waiting.watched(ticket):
            answer = web.StreamResponse(
                headers={
                    "Content-Type": "text/event-stream",
                    "Cache-Control": "no-store",
                    "X-Accel-Buffering": "no",
                }
            )
            for name, value in self._site.origins.fields(request.headers.get("Origin")):
                answer.headers.add(name, value)
            await answer.prepare(request)
            try:
                await answer.write(f"retry: {RECONNECT}\n\n".encode())
                await self._tell(request, answer, ticket)
            except ConnectionError:
                return answer  # The page was closed.
        return answer

    async def _tell(self, request: web.Request, answer: web.StreamResponse, ticket: str) -> None:
        waiting = self._site.waiting
        while _present(request) and not waiting.closed:
            try:
                place = waiting.place(ticket)
            except (TicketUnknown, TicketUsed) as error:
                await answer.write(_event("over", {"code": error.code}))
                return
            if place.admitted:
                await answer.write(_event("turn", {}))
                return
            await answer.write(_event("place", self._told(place)))
            await asyncio.sleep(CALM)
            until = asyncio.get_running_loop().time() + TELL_EVERY
            while _present(request) and not waiting.closed:
                left = until - asyncio.get_running_loop().time()
                if left <= 0 or waiting.has_moved(ticket, place):
                    break
                await waiting.bell.heard(min(left, 1.0))

    def _told(self, place: Place) -> dict[str, Any]:
        return in_line(place, self._site.trouble(place.pool))

    def _over(self, error: TicketUnknown | TicketUsed, again: str) -> web.Response:
        """A place that is no longer held is taken anew by itself; a used one only if the visitor wants
        another.
        """
        lost = isinstance(error, TicketUnknown)
        return page(
            "notice.html",
            status=error.status,
            prefix=self._site.prefix,
            main=self._site.prefix,
            title=error.visitor,
            text="You get a new one in a moment." if lost else "",
            code=error.code,
            again=again,
            refresh=RELOAD_AFTER if lost else None,
        )


def in_line(place: Place, trouble: str = "") -> dict[str, Any]:
    """Return what a program is told of its place; `estimate` is seconds, or null while nobody can tell.

    `trouble` is a sentence for the visitor while nothing can be started at all.
    """
    return {
        "status": "waiting",
        "pool": place.pool,
        "position": place.position,
        "length": place.length,
        "waited": round(place.waited, 1),
        "estimate": None if place.estimate is None else round(place.estimate, 1),
        "estimate_text": spoken(place.estimate),
        "trouble": trouble,
    }


def spoken(seconds: float | None) -> str:
    """Return a wait as people say it, no more exact than it is known."""
    if seconds is None:
        return "when others give theirs back"
    if seconds < 5:
        return "a few seconds"
    if seconds < 50:
        return f"about {math.ceil(seconds / 10) * 10} seconds"
    minutes = round(seconds / 60) or 1
    return "about a minute" if minutes == 1 else f"about {minutes} minutes"


def only_navigations(request: web.Request) -> None:
    """Raise Forbidden for what takes no instance: a prefetch, an image or a script of a page."""
    if "prefetch" in (request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")):
        raise Forbidden("a prefetch takes no instance")
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        raise Forbidden("an image or a script of a page takes no instance")


def _present(request: web.Request) -> bool:
    return request.transport is not None


def _event(name: str, content: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(content) + b"\n\n"
