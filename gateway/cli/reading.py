"""Reads the output of instances from the admin port, and goes on reading it, each line once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gateway.cli.errors import CommandRefused, GatewayUnreachable, InstanceGone
from gateway.cli.text import plain
from pool.engines.engine import OUTPUT_LIMIT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.cli.answers import Overview, Written

FOLLOW_EVERY = 0.5
"""Seconds between two looks at an instance that is followed."""

PATIENCE = 60.0
"""Seconds that a gateway may be away, as in a restart, before following it ends."""

AT_ONCE = 8
"""Instances that are asked for at the same time."""

FROM_THE_START = 10_000
"""Lines of an instance that came while its pool was followed: all it has."""


class Source(Protocol):
    """What is asked of gateway.cli.client.AdminClient."""

    async def overview(self, *, measure: bool) -> tuple[Overview, bytes]:
        """Return what there is."""
        ...

    async def output(self, instance_id: str, lines: int, after: str) -> Written:
        """Return what an instance has written."""
        ...


@dataclass(slots=True)
class Tail:
    """How far one instance has been read."""

    instance_id: str
    lines: int
    """How many are shown at first."""
    mark: str = ""


class Reading:
    """Gives every line to `show`, with the id of its instance; a gateway that is away is told to `note`.

    `lines` is how many of each instance come first. `sleep` and `clock` are in seconds.
    """

    def __init__(
        self,
        source: Source,
        lines: int,
        show: Callable[[str, str], None],
        note: Callable[[str], None],
        *,
        sleep: Callable[[float], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._source = source
        self._lines = lines
        self._show = show
        self._note = note
        self._sleep = sleep
        self._clock = clock
        self._tails: dict[str, Tail] = {}

    async def once(self, instance_ids: list[str]) -> None:
        """Show what there is of these now. Raises the errors of AdminClient."""
        self._add(instance_ids, self._lines)
        await self._read_all()

    async def follow(self, instance_id: str) -> None:
        """Show one instance until it is gone. Raises the errors of AdminClient."""
        self._add([instance_id], self._lines)
        while self._tails:
            await self._patiently(self._read_all)
            await self._sleep(FOLLOW_EVERY)

    async def follow_pool(self, pool: str | None) -> None:
        """Show all instances of a pool, or of all pools, those to come too, for ever."""
        lines = self._lines

        async def look() -> None:
            nonlocal lines
            overview, _ = await self._source.overview(measure=False)
            self._add([i.id for i in overview.instances if pool in {None, i.pool}], lines)
            lines = FROM_THE_START
            await self._read_all()

        while True:
            await self._patiently(look)
            await self._sleep(FOLLOW_EVERY)

    def _add(self, instance_ids: list[str], lines: int) -> None:
        for instance_id in instance_ids:
            self._tails.setdefault(instance_id, Tail(instance_id, lines))

    async def _patiently(self, look: Callable[[], Awaitable[None]]) -> None:
        """Try until it succeeds, for as long as a restart of the gateway or of its engine may take."""
        since = self._clock()
        told = False
        while True:
            try:
                return await look()
            except (GatewayUnreachable, CommandRefused) as error:
                if self._clock() - since >= PATIENCE:
                    raise
                if not told:
                    self._note(f"{error.code}: {error}; trying again for {PATIENCE:g} s")
                    told = True
                await self._sleep(FOLLOW_EVERY)

    async def _read_all(self) -> None:
        tails = list(self._tails.values())
        for at in range(0, len(tails), AT_ONCE):
            reads = [self._read(tail) for tail in tails[at : at + AT_ONCE]]
            for result in await asyncio.gather(*reads, return_exceptions=True):
                if isinstance(result, BaseException):
                    raise result

    async def _read(self, tail: Tail) -> None:
        """Show what is new, up to its end."""
        while True:
            first = not tail.mark
            try:
                written = await self._source.output(tail.instance_id, max(1, tail.lines), tail.mark)
            except InstanceGone:
                del self._tails[tail.instance_id]
                return
            lines = written.text.removesuffix("\n").split("\n") if written.text else []
            for line in lines[len(lines) - tail.lines :] if first and tail.lines < len(lines) else lines:
                self._show(tail.instance_id, plain(line))
            tail.mark = written.mark
            if first or len(written.text) < OUTPUT_LIMIT // 2:
                return
