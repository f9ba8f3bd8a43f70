"""A visitor's browser in the waiting line: the page, the stream of places its script reads, the way in."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bench.visitor import Visitor

BROWSER = {"Accept": "text/html"}
NO_LIMIT = aiohttp.ClientTimeout(total=None, sock_read=30.0)
"""A stream lasts as long as the line does, but it is never silent for long."""
_TICKET = re.compile(r'data-ticket="([^"]+)"')
_POSITION = re.compile(r'id="position">(\d+)<')


@dataclass(frozen=True, slots=True)
class Told:
    """A place as the visitor was told it, at a moment of the monotonic clock."""

    at: float
    position: int
    estimate: float | None
    """Seconds it would take yet; None where the gateway could not tell."""


@dataclass(slots=True)
class Stay:
    """One visitor's way through the line. Moments are monotonic seconds."""

    asked: float
    shown: int = 0
    """The position the page showed first; 0 for one who was let in at once."""
    places: list[Told] = field(default_factory=list)
    turn: float = 0.0
    """When they were let in."""
    left: float = 0.0

    @property
    def waited(self) -> float:
        """Seconds from the click to the turn."""
        return self.turn - self.asked


async def stand(visitor: Visitor) -> Stay:
    """Click on Open and wait in line if need be, until the visitor has a notebook's address.

    Raises RuntimeError when the place was lost.
    """
    stay = Stay(time.monotonic())
    async with visitor.http.post(f"{visitor.base}/spawn", headers=BROWSER, allow_redirects=False) as answer:
        where = _onward(visitor, answer)
    while "/wait/" in where:
        where = await _wait(visitor, where, stay)
    stay.turn = stay.turn or time.monotonic()
    session, _, _ = where.partition("/user/")[2].partition("/")
    visitor.url = f"{visitor.base}/user/{session}/"
    return stay


async def events(
    visitor: Visitor, path: str, headers: dict[str, str] | None = None
) -> AsyncGenerator[tuple[str, dict[str, Any]]]:
    """Yield name and content of each event of a stream, until the gateway ends it."""
    async with visitor.http.get(visitor.base + path, headers=headers, timeout=NO_LIMIT) as stream:
        stream.raise_for_status()
        name = ""
        async for raw in stream.content:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def stream_of(page: str) -> str:
    """Return the address of the events that a waiting page's script reads. Raises RuntimeError."""
    if (ticket := _TICKET.search(page)) is None:
        raise RuntimeError("not a waiting page")
    return f"{unescape(ticket[1])}/events"


async def _wait(visitor: Visitor, where: str, stay: Stay) -> str:
    """Show the page and follow its stream to the turn; return where the page leads then."""
    async with visitor.http.get(where, headers=BROWSER, allow_redirects=False) as answer:
        if answer.status == 303:
            return _onward(visitor, answer)
        text = await answer.text()
    shown = _POSITION.search(text)
    if shown is None:
        raise RuntimeError(f"a waiting page without a place: status {answer.status}")
    stay.shown = stay.shown or int(shown[1])
    async for name, content in events(visitor, stream_of(text)):
        if name == "place":
            stay.places.append(Told(time.monotonic(), content["position"], content["estimate"]))
        elif name == "turn":
            stay.turn = time.monotonic()
        else:
            raise RuntimeError(f"the place was lost: {content}")
    return where


def _onward(visitor: Visitor, answer: aiohttp.ClientResponse) -> str:
    if answer.status != 303:
        raise RuntimeError(f"no way on, but status {answer.status}")
    return str(URL(visitor.base).join(URL(answer.headers["Location"], encoded=True)))
