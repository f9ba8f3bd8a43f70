"""From a click to the notebook's page and to the first cell's result, one visitor after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.hub_visitor import HubVisitor
from bench.measures.measure import Column, Section
from bench.musts import GATEWAY
from bench.notebook import jupyter_pool, visit
from bench.peers.hub import JupyterHub, running_hub
from bench.report import quantile
from bench.running import RunningGateway

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.measures.measure import Values
    from bench.notebook import Waits
    from bench.progress import Progress

WARM = 2
"""Instances the gateway keeps; all are ready again before the next click."""
COLUMNS = (
    Column("page", "page p50, ms"),
    Column("page_p95", "p95, ms"),
    Column("result", "result p50, ms"),
    Column("result_p95", "p95, ms"),
)


async def warm_clicks(folder: Path, visitors: int, progress: Progress) -> list[Waits]:
    """Let visitors come to the gateway, each to a full and quiet pool."""
    waits = []
    progress.step(f"clicks: the gateway fills a pool of {WARM}")
    pool = jupyter_pool(warm=WARM, most=WARM + 2, hot=WARM)
    async with RunningGateway(folder / "clicks", pool) as gateway:
        for number in range(visitors):
            await gateway.until_quiet(WARM)
            progress.step(f"clicks: gateway, visitor {number + 1} of {visitors}")
            waits.append(await visit(gateway.base))
    return waits


async def hub_clicks(folder: Path, visitors: int, progress: Progress) -> list[Waits]:
    """Let visitors come to JupyterHub, each when the one before has gone."""
    waits = []
    async with running_hub(folder) as hub:
        for number in range(visitors):
            progress.step(f"clicks: jupyterhub, visitor {number + 1} of {visitors}")
            visitor = HubVisitor(hub)
            waits.append(await visitor.visit())
            await visitor.leave()
    return waits


def summed(waits: Sequence[Waits]) -> Values:
    """Return medians and 95th percentiles in milliseconds."""
    pages, results = ([getattr(one, what) * 1000 for one in waits] for what in ("page", "result"))
    return {
        "page": quantile(pages, 50),
        "page_p95": quantile(pages, 95),
        "result": quantile(results, 50),
        "result_p95": quantile(results, 95),
    }


def section(gateway: Sequence[Waits], hub: Sequence[Waits]) -> Section:
    """Return the table of those who were measured."""
    by_peer = {GATEWAY: gateway, JupyterHub.name: hub}
    return Section(
        "clicks",
        "From a click, one visitor at a time",
        COLUMNS,
        "page",
        {peer: summed(waits) for peer, waits in by_peer.items() if waits},
        f"The same image. Gateway: {len(gateway)} visitors, pool full and warm. JupyterHub with DockerSpawner"
        f" and tmpauthenticator: {len(hub)} visitors, a container started for each.",
        [
            {peer: summed([one]) for peer, one in zip(by_peer, pair, strict=True)}
            for pair in zip(gateway, hub, strict=False)
        ],
    )
