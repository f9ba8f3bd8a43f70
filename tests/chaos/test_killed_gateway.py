"""SIGKILL at any moment: in the middle of a start, of an assignment, of an answer, of a recovery."""

from __future__ import annotations

import asyncio
import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.chaos.form import FULL, dice

if TYPE_CHECKING:
    from bench.running import RunningGateway
    from tests.chaos.stage import Stage

KILLS = 50 if FULL else 4
LIFE = (0.1, 6.0)
"""Seconds from a start to the next kill. A start takes about one: some kills hit a recovery."""


@pytest.mark.docker
@pytest.mark.timeout(900)
async def test_killed_at_random_moments_a_gateway_loses_no_session_and_hands_none_out_twice(
    stage: Stage,
) -> None:
    moments = dice("moments")
    async with stage.scene(f"gateway killed {KILLS} times") as scene:
        for _ in range(KILLS - 1):
            await killed_and_started(scene.gateway, lives=moments.uniform(*LIFE), ready=scene.row.ready_again)
            scene.row.faults += 1
        await scene.gateway.stop(signal.SIGKILL)
        scene.row.faults += 1
        again = time.monotonic()
        await scene.gateway.start()
        await scene.recovered(again)


async def killed_and_started(gateway: RunningGateway, *, lives: float, ready: list[float]) -> None:
    """Kill the gateway, start it, and let it live for a while, whether it is ready by then or not."""
    await gateway.stop(signal.SIGKILL)
    killed = gateway.process
    began = time.monotonic()

    async def start() -> None:
        try:
            await gateway.start()
        except RuntimeError:
            # `start` was waiting when the next kill came.
            assert gateway.process is not None
            if gateway.process.returncode != -signal.SIGKILL:
                raise
        else:
            ready.append(time.monotonic() - began)

    async with asyncio.TaskGroup() as group:
        starting = group.create_task(start())
        while gateway.process is killed:  # noqa: ASYNC110 - a start tells nobody of its process
            await asyncio.sleep(0.01)
        await asyncio.sleep(lives)
        if not starting.done():
            await gateway.stop(signal.SIGKILL)
