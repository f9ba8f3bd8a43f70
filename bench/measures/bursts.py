"""Many visitors who click in the same moment."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from bench.hub_visitor import HubVisitor
from bench.line import stand
from bench.measures.measure import Column, Section
from bench.musts import GATEWAY
from bench.notebook import ENTRY, jupyter_pool
from bench.peers.hub import JupyterHub, running_hub
from bench.report import quantile
from bench.running import READY, RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.measures.measure import Values
    from bench.progress import Progress

SMALL, LARGE = 10, 30
"""Visitors of a burst."""
PAGE_LIMIT = 60.0
"""Seconds a visitor waits for the page; then they have gone, and count as an error."""
LEAVE_LIMIT = 60.0
"""Seconds all may take to leave; whoever has not left then goes with their server."""
FILL_LIMIT = 300.0
"""Seconds the gateway may take to fill its pool."""
LIMITS = "[limits]\nspawns_per_minute = 1000\nsessions_per_address = 1000\n"
"""All visitors come from one address here."""
FEW = f"{GATEWAY}, {SMALL} warm"
"""The gateway with fewer instances than visitors: the others are in line while theirs start."""
COLUMNS = (
    Column("p50", "p50, s", 2),
    Column("p95", "p95, s", 2),
    Column("max", "max, s", 2),
    Column("served", "served", 0),
    Column("errors", "errors", 0),
)


class Clicker(Protocol):
    """A visitor of either."""

    async def click(self) -> float:
        """Return the seconds from the click to the page. Raises RuntimeError, OSError."""
        ...

    async def leave(self) -> None:
        """Give the server back."""
        ...


class GatewayVisitor:
    """One of the crowd before the gateway."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._url = ""

    async def click(self) -> float:
        """See Clicker. Waits in line where need be."""
        began = time.perf_counter()
        async with Visitor(self._base) as visitor:
            await stand(visitor)
            self._url = visitor.url
            status, _ = await visitor.get(ENTRY)
            if status != 200:
                raise RuntimeError(f"the notebook answered {status}")
            return time.perf_counter() - began

    async def leave(self) -> None:
        """See Clicker."""
        if self._url:
            async with Visitor(self._base, self._url) as visitor:
                await visitor.leave()


async def burst(visitors: Sequence[Clicker]) -> Values:
    """Let all click at once; sum up what each waited for the page. They leave when all have it."""
    async with asyncio.TaskGroup() as group:
        clicks = [group.create_task(_click(visitor)) for visitor in visitors]
    async with asyncio.TaskGroup() as group:
        for visitor in visitors:
            group.create_task(_leave(visitor))
    return summed([click.result() for click in clicks])


async def _click(visitor: Clicker) -> float | None:
    try:
        async with asyncio.timeout(PAGE_LIMIT):
            return await visitor.click()
    except (OSError, RuntimeError):  # a TimeoutError is an OSError
        return None


async def _leave(visitor: Clicker) -> None:
    try:
        async with asyncio.timeout(LEAVE_LIMIT):
            await visitor.leave()
    except (OSError, RuntimeError):
        return


def summed(waits: Sequence[float | None]) -> Values:
    """Return the waits of those who got their page, and how many did not."""
    served = [wait for wait in waits if wait is not None]
    counts: dict[str, float | None] = {"served": len(served), "errors": len(waits) - len(served)}
    if not served:
        return {"p50": None, "p95": None, "max": None} | counts
    return {"p50": quantile(served, 50), "p95": quantile(served, 95), "max": max(served)} | counts


async def gateway_bursts(folder: Path, progress: Progress) -> dict[int, dict[str, Values]]:
    """Let both crowds come to a full pool, and the large one to a pool of the small one's size too."""
    found: dict[int, dict[str, Values]] = {SMALL: {}, LARGE: {}}
    pool = LIMITS + jupyter_pool(warm=SMALL, most=LARGE, hot=LARGE)
    async with RunningGateway(folder / "bursts", pool) as gateway:
        for warm, size, row in ((SMALL, SMALL, GATEWAY), (SMALL, LARGE, FEW), (LARGE, LARGE, GATEWAY)):
            await gateway.admin_json("/api/pools/jupyter/scale", "POST", json={"warm": warm})
            progress.step(f"bursts: the gateway fills a pool of {warm}")
            await _until_full(gateway, warm)
            progress.step(f"bursts: {size} visitors click on {row}")
            found[size][row] = await burst([GatewayVisitor(gateway.base) for _ in range(size)])
    return found


async def _until_full(gateway: RunningGateway, warm: int) -> None:
    async def full() -> bool:
        found = (await gateway.admin_json("/api/instances?measure=no"))["instances"]
        return len(found) == warm and {one["state"] for one in found} <= READY

    await gateway.until(full, limit=FILL_LIMIT)


async def hub_bursts(folder: Path, progress: Progress) -> dict[int, dict[str, Values]]:
    """Let both crowds come to a hub of their own each, so that the first leaves nothing to the second."""
    found = {}
    for size in (SMALL, LARGE):
        own = folder / str(size)
        own.mkdir()
        async with running_hub(own) as hub:
            progress.step(f"bursts: {size} visitors click on jupyterhub")
            found[size] = {JupyterHub.name: await burst([HubVisitor(hub) for _ in range(size)])}
    return found


def sections(*found: dict[int, dict[str, Values]]) -> list[Section]:
    """Return a table for each size of burst."""
    return [
        Section(
            f"burst_{size}",
            f"{size} visitors at once, from the click to the page",
            COLUMNS,
            "p50",
            {peer: values for one in found for peer, values in one.get(size, {}).items()},
            f"The waits of those who were served within {PAGE_LIMIT:g} s; the others are errors. "
            "The gateway's pool holds one for each, unless it says how many.",
        )
        for size in (SMALL, LARGE)
    ]
