"""Runs a gateway from start to graceful stop."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog

from config import WarmgateError
from gateway import app, budget, doors, logs
from gateway.engines import choose
from pool.state_dir import StateDir
from pool.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from config import Settings
    from gateway.release import Releases

GC_THRESHOLDS = (20_000, 20, 20)
"""New objects before the youngest are looked through, and rounds before the older ones are."""

log = structlog.stdlib.get_logger(__name__)


async def run(
    settings: Settings,
    state_dir: Path,
    announce: Callable[[str, Sequence[str]], None],
    load: Callable[[], Settings],
) -> int:
    """Serve until SIGTERM or SIGINT; return how many sessions go on without the gateway. SIGHUP is a release.

    `announce` is called with the address once it is served, and with lines on what the budget allows.

    `load` reads the settings anew for a release.

    Raises ConfigError, also when an address cannot be listened on, and StateDirBusy.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        stack.enter_context(StateDir(state_dir))
        engine = await choose(settings, state_dir)
        stack.push_async_callback(engine.close)
        allowance = budget.budget_of(settings, await budget.survey(engine))
        gateway = app.build(settings, engine, state_dir, allowance.total, load)
        stack.push_async_callback(gateway.http.close)
        stack.push_async_callback(gateway.site.assets.close)
        stack.enter_context(logs.watched(gateway.site.errors.note, gateway.metrics.logged))
        replay = gateway.journal.open()
        stack.callback(gateway.journal.close)
        log.info(
            "budget_resolved",
            mib=allowance.total // 2**20,
            why=allowance.why,
            **{pool["name"]: pool["capacity"] for pool in gateway.site.occupancies()},
        )
        async with doors.open_doors(gateway) as address, asyncio.TaskGroup() as group:
            releasing = await stack.enter_async_context(Tasks())
            loop.add_signal_handler(
                signal.SIGHUP, lambda: releasing.spawn("release", _release(gateway.releases))
            )
            keeping = group.create_task(gateway.keeper.run(replay), name="keeper")
            _spare_the_collector()
            announce(address, list(budget.lines(settings, allowance)))
            await stop.wait()
            log.info("stopping", sessions=len(gateway.site.pools.sessions))
            keeping.cancel()
        await gateway.keeper.stop(settings.gateway.on_stop)
        kept = len(gateway.site.pools.sessions)
        log.info("stopped", sessions_kept=kept)
        return kept


def _spare_the_collector() -> None:
    """Let Python look for garbage in cycles seldom, and not among what stays until the end.

    Requests leave no cycles behind, and a search through everything is a stop of some milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


async def _release(releases: Releases) -> None:
    """Nobody waits for the answer to a signal: the log tells."""
    try:
        await releases.release()
    except WarmgateError as error:
        log.error("release_refused", code=error.code, detail=error.detail or str(error), remedy=error.remedy)
