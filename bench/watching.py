"""What a running gateway says of itself, cheaply enough to ask several times a second."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.running import RunningGateway

EVERY = 0.2
"""Seconds between two looks."""
UNSTEADY = ("starting", "warming", "draining")
"""States in which an instance is on its way in or out."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One look. `/api/instances` would ask the engine about each instance, which takes it a second."""

    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]

    def sum(self, name: str, **labels: str) -> float:
        """Return a metric's samples with these labels, added up. Raises KeyError when there are none: a
        benchmark that counts nothing would show a fine zero.
        """
        wanted = labels.items()
        found = [value for (sample, has), value in self.samples.items() if sample == name and wanted <= has]
        if not found:
            raise KeyError(f"{name} {labels}")
        return sum(found)

    def count(self, *states: str, **labels: str) -> int:
        """Return how many instances are in one of these states; in any without one."""
        if not states:
            return int(self.sum("warmgate_instances", **labels))
        return sum(int(self.sum("warmgate_instances", state=state, **labels)) for state in states)

    @property
    def charged(self) -> int:
        """Bytes all instances count for."""
        return int(self.sum("warmgate_charged_bytes"))

    @property
    def budget(self) -> int:
        """Bytes there are."""
        return int(self.sum("warmgate_budget_bytes"))


@dataclass(slots=True)
class Peaks:
    """The most that was seen."""

    looks: int = 0
    charged: int = 0
    """Bytes."""
    instances: int = 0
    overdrawn: int = 0
    """Looks at which charges were more than the budget."""

    def see(self, sight: Sight) -> None:
        """Take one more look into account."""
        self.looks += 1
        self.charged = max(self.charged, sight.charged)
        self.instances = max(self.instances, sight.count())
        self.overdrawn += sight.charged > sight.budget


async def look(gateway: RunningGateway, http: aiohttp.ClientSession) -> Sight:
    """Look once."""
    async with http.get(gateway.admin + "/metrics") as answer:
        answer.raise_for_status()
        text = await answer.text()
    return Sight(
        {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
    )


@asynccontextmanager
async def watched(gateway: RunningGateway) -> AsyncIterator[Peaks]:
    """Look every EVERY seconds as long as the context lasts."""
    peaks = Peaks()

    async def keep_looking() -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                peaks.see(await look(gateway, http))
                await asyncio.sleep(EVERY)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(keep_looking(), name="watch")
        try:
            yield peaks
        finally:
            task.cancel()


async def at_rest(gateway: RunningGateway, *, quiet: float, limit: float) -> float:
    """Wait until nothing has started or ended for `quiet` seconds; return how many seconds before now the
    last change was. Raises TimeoutError after `limit` seconds.
    """
    loop = asyncio.get_running_loop()
    changed, before = loop.time(), -1
    async with asyncio.timeout(limit), aiohttp.ClientSession() as http:
        while (still := loop.time() - changed) < quiet:
            sight = await look(gateway, http)
            ready = sight.count("warm", "paused")
            if ready != before or sight.count(*UNSTEADY):
                changed, before = loop.time(), ready
            await asyncio.sleep(EVERY)
    return still
