"""Load: visitors who come, use a session and go, and some who stay for the whole scenario."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from bench.visitor import Visitor
from tests.chaos.form import FULL
from tests.chaos.guest import Guest

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random
    from types import TracebackType

    from tests.chaos.ledger import Ledger

USE_EVERY = 0.1
"""Seconds between two uses of a session."""

REST = (0.2, 2.0)
"""Seconds from one visitor's leaving to the next one's coming."""

USES = (3, 12)
"""How often those who come and go use their session."""

WORDLESS = 0.1 if FULL else 0.0
"""Share of visitors who go without shutting their notebook down."""

GATHER_LIMIT = 120.0
"""Seconds until all who stay must have a session, and until all who come and go must have gone."""


@dataclass(slots=True)
class Crowd:
    """On entering waits until those who stay have a session; on leaving everybody leaves."""

    base: str
    ledger: Ledger
    rng: Random
    coming: int = 3
    """How many come and go at a time."""
    staying: int = 2
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    seats: set[Guest] = field(default_factory=set)
    """Those who stay and have a session."""
    _inside: int = 0
    _closed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: asyncio.TaskGroup = field(default_factory=asyncio.TaskGroup)

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        for _ in range(self.staying):
            self._tasks.create_task(self._stay())
        await self.seated()
        self.resume()
        for _ in range(self.coming):
            self._tasks.create_task(self._come_and_go())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.close()
        # With an error the group cancels everybody: nobody has to leave politely.
        await self._tasks.__aexit__(kind, error, trace)

    def resume(self) -> None:
        """Let visitors come again."""
        self._open.set()

    async def seated(self) -> None:
        """Return when everybody who stays has a session."""
        await _until(lambda: len(self.seats) == self.staying and not any(g.over for g in self.seats))

    async def pause(self) -> None:
        """Let nobody come; return when those who come and go have gone. Those who stay go on."""
        self._open.clear()
        await _until(lambda: not self._inside)

    async def close(self) -> None:
        """Let everybody leave; return when they have."""
        self._closed.set()
        self._open.set()
        await _until(lambda: not self._inside and not self.seats)

    async def _stay(self) -> None:
        while not self._closed.is_set():
            # One whose instance the scenario has ended comes again as somebody else.
            async with Visitor(self.base) as browser:
                guest = Guest(browser, self.ledger)
                await guest.come()
                if guest.over:
                    continue
                self.seats.add(guest)
                while not (self._closed.is_set() or guest.over):
                    await guest.use()
                    await asyncio.sleep(USE_EVERY)
                if not guest.over:
                    await guest.leave()
                self.seats.remove(guest)

    async def _come_and_go(self) -> None:
        while not self._closed.is_set():
            await self._open.wait()
            if self._closed.is_set():
                return
            self._inside += 1
            async with Visitor(self.base) as browser:
                guest = Guest(browser, self.ledger)
                await guest.come()
                for _ in range(self.rng.randint(*USES)):
                    if not guest.over:
                        await guest.use()
                        await asyncio.sleep(USE_EVERY)
                if not guest.over and self.rng.random() > WORDLESS:
                    await guest.leave()
            self._inside -= 1
            await asyncio.sleep(self.rng.uniform(*REST))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(GATHER_LIMIT):
        while not holds():  # noqa: ASYNC110 - counted by the visitors' own tasks, with nothing else to tell it
            await asyncio.sleep(0.02)
