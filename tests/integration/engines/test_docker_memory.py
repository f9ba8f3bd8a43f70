"""What Docker says of an instance in which only a part was killed for memory."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import aiohttp
import pytest

from pool.engines.docker import DockerEngine
from pool.engines.engine import Died, MemoryKill, Status
from tests.support.engine_rig import MIB, PATIENCE, Rig, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pool.engines.engine import Engine

pytestmark = pytest.mark.docker

GLUTTON = """
import subprocess, sys
result = subprocess.run([sys.executable, "-c", "x = b'x' * 2**30"]).returncode
"""


class DockerRig(Rig):
    def make(self, gateway_id: str) -> DockerEngine:
        return DockerEngine(gateway_id)


@pytest.fixture
def rig() -> DockerRig:
    return DockerRig()


@pytest.fixture
async def engine(rig: Rig) -> AsyncIterator[Engine]:
    async with rig.running() as engine:
        yield engine


async def test_a_child_killed_for_memory_is_told_and_is_not_its_instances_end(
    engine: Engine, rig: Rig
) -> None:
    instance_id, address = await rig.start(engine, memory=96 * MIB)
    async with aclosing(engine.events()) as events, asyncio.timeout(PATIENCE):
        await anext(events)
        assert await rig.run(address, GLUTTON) == -9
        while (news := await anext(events)) is None:
            pass
        assert news == MemoryKill(instance_id)
        assert await rig.status(engine, instance_id) is Status.RUNNING

        with pytest.raises(aiohttp.ClientError):
            await rig.run(address, "import os; os._exit(0)")
        while not isinstance(news, Died):
            news = await anext(events)
        assert news == Died(instance_id, out_of_memory=False)

        async def ended() -> bool:
            return await rig.status(engine, instance_id) is Status.EXITED

        await until(ended)
        (found,) = await engine.list()
        assert not found.out_of_memory
