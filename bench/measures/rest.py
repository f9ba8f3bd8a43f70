"""What a peer takes when nothing happens: alone, and with thousands of silent websockets."""

from __future__ import annotations

import asyncio
import subprocess
from typing import TYPE_CHECKING

from bench.cost import cpu_seconds, memory
from bench.cpus import kept_to
from bench.measures.measure import Column, Measure
from bench.peers.program import end, module

if TYPE_CHECKING:
    from bench.measures.measure import Plan, Values
    from bench.peers.peer import Front

SOCKETS = 5_000
SESSIONS = 50
"""The gateway allows one session fewer websockets than all of these."""
OPEN_LIMIT = 90.0
"""Seconds until all websockets are open."""
SETTLE = 3.0
"""Seconds until what starting and opening have left behind is over."""
KIB, MIB = 2**10, 2**20


async def silent_websockets(front: Front, plan: Plan) -> Values:
    """Hold websockets open, both sides, and say nothing."""
    await asyncio.sleep(SETTLE)
    before, quiet = memory(front.pids).rss, await _cpu_percent(front, plan)
    with kept_to(plan.cpus.load):
        holder = await asyncio.create_subprocess_exec(
            *module("bench.load.hold", SOCKETS, *(url + "echo" for url in front.urls)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    try:
        assert holder.stdout is not None  # noqa: S101 - it was asked for
        async with asyncio.timeout(OPEN_LIMIT):
            if not await holder.stdout.readline():
                _, errors = await holder.communicate()
                raise RuntimeError(errors.decode()[-1500:])
        await asyncio.sleep(SETTLE)
        grown = memory(front.pids).rss - before
        with_them = await _cpu_percent(front, plan)
        async with asyncio.timeout(OPEN_LIMIT):
            _, errors = await holder.communicate(b"")
        if holder.returncode:
            raise RuntimeError(errors.decode()[-1500:])
    finally:
        await end(holder)
    return {"memory": grown / SOCKETS / KIB, "quiet": quiet, "cpu": with_them}


async def _cpu_percent(front: Front, plan: Plan) -> float:
    before = cpu_seconds(front.pids)
    await asyncio.sleep(plan.seconds)
    return (cpu_seconds(front.pids) - before) / plan.seconds * 100


async def alone(front: Front, plan: Plan) -> Values:  # noqa: ARG001 - a probe is given both
    """Look at the memory of a peer that was just started."""
    await asyncio.sleep(SETTLE)
    now = memory(front.pids)
    return {"rss": now.rss / MIB, "pss": now.pss / MIB, "uss": now.uss / MIB}


MEASURES = (
    Measure(
        "idle",
        "idle_websockets",
        f"{SOCKETS:,} silent websockets",
        (
            Column("memory", "KiB of RSS each"),
            Column("quiet", "CPU without, %", 2),
            Column("cpu", "CPU with them, %", 2),
        ),
        "memory",
        silent_websockets,
        f"Both sides open, no message. Through the gateway they belong to {SESSIONS} sessions,"
        " and their processes, which it looks at every second, are its CPU without them.",
        fresh=True,
        sessions=SESSIONS,
        rounds=1,
    ),
    Measure(
        "rest",
        "rest",
        "Memory at rest",
        (Column("rss", "RSS, MiB"), Column("pss", "PSS, MiB"), Column("uss", "USS, MiB")),
        "rss",
        alone,
        "Just started; the gateway with one pool and no instance, nginx with master and worker, "
        "JupyterHub with its proxy.",
        fresh=True,
        whole=True,
        sessions=0,
        rounds=1,
    ),
)
