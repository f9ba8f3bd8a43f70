"""What counts as use, on real Jupyter: not a page that polls, but a kernel at work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bench.running import RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

IDLE = 3.0
POLLS = ("api/sessions", "api/kernels", "api/contents?content=1", "api/me", "api/status")


def pools(limits: str) -> str:
    return f'[[pools]]\nsizing = "static"\nwarm = 2\nmax = 2\n{limits}\n'


async def ended(visitor: Visitor) -> bool:
    status, body = await visitor.get("api/status")
    return status == 410 and b"W404" in body


async def gone_after(visitor: Visitor, meanwhile: Callable[[], Awaitable[object]]) -> float:
    """Return how many seconds the session lives while something goes on."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(60):
        while not await ended(visitor):
            await meanwhile()
            await asyncio.sleep(0.2)
    return asyncio.get_running_loop().time() - began


async def test_a_page_that_only_polls_keeps_nothing_and_a_kernel_at_work_does(tmp_path: Path) -> None:
    running = RunningGateway(tmp_path, pools(f'idle_timeout = "{IDLE:g}s"'), engine="process")
    async with running as gateway, Visitor(gateway.base) as idle, Visitor(gateway.base) as busy:
        await gateway.until_quiet(2)
        await idle.spawn_patiently()
        await busy.spawn_patiently()

        async def poll() -> None:
            for path in POLLS:
                await idle.get(path)

        async def work() -> str:
            return await busy.run(f"import time; time.sleep({3 * IDLE}); print('done')")

        async with asyncio.TaskGroup() as group:
            working = group.create_task(work())
            polled = group.create_task(gone_after(idle, poll))
        assert working.result() == "done\n"
        # The poller is gone although it asked all the time; the worker outlived three idle times.
        assert polled.result() >= IDLE - 1
        assert '"reason":"idle"' in gateway.log


async def test_no_session_outlives_its_longest_time(tmp_path: Path) -> None:
    running = RunningGateway(tmp_path, pools('max_age = "2s"'), engine="process")
    async with running as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        await gone_after(someone, lambda: someone.get("tree"))
        assert "longest time" in (await someone.get("api/status"))[1].decode()
