"""Hundreds of visitors who come, work and leave, on instances that start at once; what stays behind."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

import psutil

from bench.measures.measure import Column, Section
from bench.peers.gateway import quick_pool
from bench.running import RunningGateway
from bench.visitor import Visitor
from bench.watching import look

if TYPE_CHECKING:
    from pathlib import Path

    from bench.cpus import Cpus
    from bench.measures.measure import Values
    from bench.progress import Progress

WARM, MOST, AT_ONCE = 6, 12, 8
"""Instances kept, instances at most, visitors at the same time."""
PAGES = 5
"""Pages one visitor loads."""
MESSAGE = 100
"""Bytes of a visitor's websocket message."""
QUIET_LIMIT = 60.0
"""Seconds until the last instances have left and connections have closed."""
MIB = 2**20
COLUMNS = (
    Column("sessions", "sessions so far", 0),
    Column("files", "open files", 0),
    Column("threads", "threads", 0),
    Column("rss", "RSS, MiB"),
    Column("instances", "instances", 0),
    Column("processes", "child processes", 0),
    Column("tunnels", "websockets", 0),
)


async def come_and_go(base: str) -> None:
    """Be one visitor. Raises RuntimeError when something was not as it should be."""
    async with Visitor(base) as visitor:
        await visitor.spawn_patiently()
        for _ in range(PAGES):
            status, _ = await visitor.get("page")
            if status != 200:
                raise RuntimeError(f"a page answered {status}")
        message = secrets.token_bytes(MESSAGE)
        async with visitor.http.ws_connect(visitor.url + "echo") as socket:
            await socket.send_bytes(message)
            if await socket.receive_bytes() != message:
                raise RuntimeError("a message came back changed")
        await visitor.leave()


async def crowd(base: str, sessions: int, progress: Progress) -> None:
    """Let so many visitors come, AT_ONCE at a time."""
    places = asyncio.Semaphore(AT_ONCE)
    gone = 0

    async def one() -> None:
        nonlocal gone
        async with places:
            await come_and_go(base)
        gone += 1
        if gone % 50 == 0:
            progress.step(f"soak: {gone} of {sessions} visitors have left")

    async with asyncio.TaskGroup() as group:
        for _ in range(sessions):
            group.create_task(one())


async def count(gateway: RunningGateway, sessions: int) -> Values:
    """Wait until nothing moves; return what the gateway holds now."""
    process = psutil.Process(gateway.process.pid if gateway.process else None)
    before = -1

    async def quiet() -> bool:
        nonlocal before
        states = [one["state"] for one in await gateway.instances()]
        last, before = before, process.num_fds()
        return states == ["warm"] * WARM and before == last

    await gateway.until(quiet, limit=QUIET_LIMIT)
    async with Visitor(gateway.base) as visitor:
        sight = await look(gateway, visitor.http)
    return {
        "sessions": sessions,
        "files": process.num_fds(),
        "threads": process.num_threads(),
        "rss": process.memory_info().rss / MIB,
        "instances": sight.count(),
        "processes": len(process.children(recursive=True)),
        "tunnels": sight.sum("warmgate_open_tunnels"),
    }


async def soak(folder: Path, sessions: int, cpus: Cpus, progress: Progress) -> Section:
    """Count before, half way and after."""
    pool = quick_pool(warm=WARM, most=MOST, cpu=cpus.load)
    async with RunningGateway(folder / "soak", pool, engine="process", start_concurrency=4) as gateway:
        rows = {"at the start": await count(gateway, 0)}
        half = sessions // 2
        await crowd(gateway.base, half, progress)
        rows["half way"] = await count(gateway, half)
        await crowd(gateway.base, sessions - half, progress)
        rows["at the end"] = await count(gateway, sessions)
    return Section(
        "soak",
        f"{sessions} sessions, {AT_ONCE} at a time",
        COLUMNS,
        "",
        rows,
        f"Each loads {PAGES} pages, echoes a message and leaves; instances are processes. Counted once "
        "nothing moves any more.",
    )
