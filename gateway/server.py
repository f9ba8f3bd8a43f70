"""Runs a gateway from start to graceful stop."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import structlog

from gateway import app, doors, logs
from gateway.engines import choose
from pool.errors import EngineError
from pool.state_dir import StateDir

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config import Settings
    from pool.engines.engine import Engine

log = structlog.stdlib.get_logger(__name__)


async def run(settings: Settings, state_dir: Path, announce: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; return how many sessions go on without the gateway.

    `announce` is called with the address once it is served.

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
        total = app.resolved_budget(settings, await _memory_total(engine))
        gateway = app.build(settings, engine, state_dir, total)
        stack.push_async_callback(gateway.http.close)
        stack.enter_context(logs.watched(gateway.site.errors.note, gateway.metrics.logged))
        replay = gateway.journal.open()
        stack.callback(gateway.journal.close)
        log.info(
            "budget_resolved",
            mib=total // 2**20,
            **{pool["name"]: pool["capacity"] for pool in gateway.site.occupancies()},
        )
        async with doors.open_doors(gateway) as address, asyncio.TaskGroup() as group:
            keeping = group.create_task(gateway.keeper.run(replay), name="keeper")
            announce(address)
            await stop.wait()
            log.info("stopping", sessions=len(gateway.site.pools.sessions))
            keeping.cancel()
        await gateway.keeper.stop(settings.gateway.on_stop)
        kept = len(gateway.site.pools.sessions)
        log.info("stopped", sessions_kept=kept)
        return kept


async def _memory_total(engine: Engine) -> int:
    """Return bytes the engine's own machine has, 0 if it does not say: it may be a small virtual one."""
    try:
        return (await engine.connect()).memory_total
    except EngineError:
        return 0  # The keeper goes on trying, and says so.
