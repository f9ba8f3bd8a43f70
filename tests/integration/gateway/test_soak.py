"""Many visitors one after another through a small pool: all served, nothing left over."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psutil
import pytest

from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.support.apps import container_pool

if TYPE_CHECKING:
    from pathlib import Path

VISITORS = int(os.environ.get("SOAK_VISITORS", "30"))
JUPYTER = '[[pools]]\nsizing = "static"\nwarm = 3\nmax = 3\nnotebook = "welcome.ipynb"\n'


@pytest.mark.docker
@pytest.mark.timeout(3600)
async def test_visitors_one_after_another_are_served_by_a_pool_of_three_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    """Thirty visitors of a small app by default; SOAK_VISITORS=200 and SOAK_POOL=jupyter run more, and real
    ones.
    """
    notebooks = os.environ.get("SOAK_POOL") == "jupyter"
    pool = JUPYTER if notebooks else container_pool(warm=3, most=3)
    async with RunningGateway(tmp_path, pool, start_concurrency=3) as gateway:
        assert gateway.process is not None
        process = psutil.Process(gateway.process.pid)
        await gateway.until_quiet(3)
        before = process.num_fds(), process.num_threads()
        seen: set[str] = set()
        for number in range(VISITORS):
            async with Visitor(gateway.base) as someone:
                await someone.spawn_patiently()
                assert someone.url not in seen
                seen.add(someone.url)
                if notebooks:
                    assert await someone.run(f"{number} + 1") == str(number + 1)
                else:
                    async with someone.http.post(someone.url, data=f"result = {number} + 1") as answer:
                        assert int(await answer.text()) == number + 1
                assert await someone.leave() == 200
        await gateway.until_quiet(3)

        async def settled() -> bool:
            return (process.num_fds(), process.num_threads()) <= (before[0] + 2, before[1] + 2)

        await gateway.until(settled, limit=60)
        async with Visitor(gateway.base) as counter, counter.http.get(gateway.admin + "/metrics") as answer:
            metrics = await answer.text()
        assert len(seen) == VISITORS
        name = "jupyter" if notebooks else "app"
        assert f'warmgate_recycled_total{{pool="{name}",reason="shutdown"}} {VISITORS}.0' in metrics
        assert "task_failed" not in gateway.log
