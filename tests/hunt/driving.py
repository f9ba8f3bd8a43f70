"""Throws what was made at a notebook, as several pages at once, and looks at the canaries between rounds."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog
from yarl import URL

from bench.running import RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
    from pathlib import Path

log = structlog.stdlib.get_logger(__name__)

SHOTS = int(os.environ.get("HUNT_SHOTS", "100000"))
"""Messages and requests of one hunt."""

REQUESTS_SHARE = 10
"""One in so many is a request; the rest are messages."""

UNPACED = (sys.executable, "-m", "tests.hunt.unpaced")
"""The gateway that is hunted on."""

ROUNDS = 10
PAGES = 4
MESSAGES_OF_A_PAGE = 1_000
"""Then another page is opened: a new one has learned nothing."""
QUIET = 0.5
"""Seconds without a word from the server until a page is taken to be through."""

ROUND_LIMIT = 120.0
LOOK_LIMIT = 20.0
"""Seconds one round, and a look at the canaries, may take."""


CI_SEED = 20_260_427
"""Where a change is judged its hunt is the one before it, so that what fails has come with the change."""


def seeded() -> random.Random:
    """Return where all luck comes from; told, so that a hunt can be played again."""
    drawn = CI_SEED if os.environ.get("CI") else random.SystemRandom().getrandbits(32)
    seed = int(os.environ.get("HUNT_SEED", drawn))
    log.info("hunt", seed=seed)
    return random.Random(seed)


@asynccontextmanager
async def reading(folder: Path, *, kind: str, image: str, notebook: str, mode: str) -> AsyncIterator[Visitor]:
    """Run a gateway with one notebook, and yield a visitor who has opened it."""
    pools = f"""
[[pools]]
name = "{kind}"
kind = "{kind}"
image = "{image}"
notebook = "{notebook}"
mode = "{mode}"
sizing = "static"
warm = 1
max = 1
"""
    async with RunningGateway(folder, pools, program=UNPACED) as gateway, Visitor(gateway.base) as reader:
        await gateway.until_ready()
        assert await reader.click() == 200
        yield reader


@dataclass
class Bag:
    """What came of a hunt."""

    messages: int = 0
    requests: int = 0
    closed: int = 0
    """Websockets that the gateway ended, because what came was no message."""
    paced: int = 0
    """Answers that say that too much was said at once."""
    statuses: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """How one page connects, as often as it must, and what it says."""

    connect: Callable[[], Awaitable[aiohttp.ClientWebSocketResponse]]
    messages: Iterable[bytes | str]


async def hunt(
    bag: Bag,
    *,
    page: Callable[[int], Page],
    ask: Callable[[int], Coroutine[Any, Any, Mapping[int, int]]],
    look: Callable[[], Awaitable[None]],
    shots: int = SHOTS,
) -> None:
    """Play all rounds. `page` makes one that says so many messages; `look` raises at a changed canary."""
    await look()
    for _ in range(ROUNDS):
        async with asyncio.timeout(ROUND_LIMIT):
            each = shots // ROUNDS
            count = each // REQUESTS_SHARE
            async with asyncio.TaskGroup() as group:
                for _ in range(PAGES):
                    group.create_task(_play(bag, page((each - count) // PAGES + 1)))
                asked = group.create_task(ask(count))
        for status, times in asked.result().items():
            bag.statuses[status] = bag.statuses.get(status, 0) + times
            bag.requests += times
        async with asyncio.timeout(LOOK_LIMIT):
            await look()
    log.info("hunted", bag=bag)


async def _play(bag: Bag, page: Page) -> None:
    rest = iter(page.messages)
    while (first := next(rest, None)) is not None:
        async with _drained(bag, await page.connect()) as socket:
            for message in islice(chain([first], rest), MESSAGES_OF_A_PAGE):
                if socket.closed:
                    bag.closed += 1
                    break
                with suppress(ConnectionError):
                    await (
                        socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message)
                    )
                    bag.messages += 1


@asynccontextmanager
async def _drained(
    bag: Bag,
    socket: aiohttp.ClientWebSocketResponse,
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """Take what comes, so that the server is never held up; in the end wait until it has said all."""
    heard = asyncio.Event()

    async def drain() -> None:
        async for frame in socket:
            heard.set()
            data = frame.data if isinstance(frame.data, bytes) else str(frame.data).encode()
            bag.paced += b"too many messages" in data

    async with asyncio.TaskGroup() as group:
        group.create_task(drain(), name="drain")
        yield socket
        while not socket.closed:
            heard.clear()
            try:
                await asyncio.wait_for(heard.wait(), QUIET)
            except TimeoutError:
                break
        await socket.close()


async def asking(
    http: aiohttp.ClientSession, base: str, requests: Iterable[tuple[str, str, bytes]]
) -> dict[int, int]:
    """Make the requests one after the other; return how often each status came."""
    statuses: dict[int, int] = {}
    for method, path, body in requests:
        try:
            url = URL(base + path, encoded=True)
            async with http.request(method, url, data=body or None, allow_redirects=False) as answer:
                await answer.read()
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
        except (aiohttp.ClientError, ValueError):
            # Refused as no HTTP, here or there.
            statuses[0] = statuses.get(0, 0) + 1
    return statuses
