"""dockerd stops, dies and hangs, while visitors use their sessions all the time."""

from __future__ import annotations

import asyncio
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.chaos.form import FULL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from tests.chaos.private_engine import PrivateEngine
    from tests.chaos.stage import Scene, Stage

    Act = Callable[[Scene, PrivateEngine], Awaitable[None]]

pytestmark = [pytest.mark.docker, pytest.mark.long_form, pytest.mark.timeout(600)]

AWAY = 10.0 if FULL else 2.0
"""Seconds the engine is not there."""

HANG = 25.0 if FULL else 2.0
"""Seconds it stands still; ten are the limit of a question to it."""

ROUNDS = 3 if FULL else 1


@pytest.fixture
def engine(private_engine: PrivateEngine) -> Iterator[PrivateEngine]:
    with private_engine.network.entered():
        yield private_engine
    assert private_engine.live_restore, "a test must leave the engine as it found it"


async def ended(scene: Scene, engine: PrivateEngine, *, by: signal.Signals) -> None:
    await engine.stop(by)
    await in_use(scene, AWAY)
    await engine.start()


async def hung(scene: Scene, engine: PrivateEngine) -> None:
    engine.hang()
    try:
        await in_use(scene, HANG)
    finally:
        engine.go_on()


async def both_killed(scene: Scene, engine: PrivateEngine) -> None:
    await asyncio.gather(engine.stop(signal.SIGKILL), scene.gateway.stop(signal.SIGKILL))
    # The gateway is up first, and has to wait for the engine before it knows any session.
    scene.gateway.wait_ready = False
    await scene.gateway.start()
    await asyncio.sleep(AWAY)
    await engine.start()


ACTS: Mapping[str, Act] = {
    "dockerd stopped": partial(ended, by=signal.SIGTERM),
    "dockerd killed": partial(ended, by=signal.SIGKILL),
    "dockerd hung": hung,
    "dockerd and gateway killed": both_killed,
}

PLAYED = [[name] for name in ACTS] if FULL else [list(ACTS)]


@pytest.mark.parametrize("names", PLAYED, ids=" + ".join)
async def test_sessions_go_on_while_dockerd_does_not(
    stage: Stage, engine: PrivateEngine, names: list[str]
) -> None:
    async with stage.scene(", ".join(names), docker_host=engine.url) as scene:
        for name in names * ROUNDS:
            await ACTS[name](scene, engine)
            scene.row.faults += 1
            await scene.recovered(time.monotonic())


async def test_visitors_whose_instances_ended_with_dockerd_are_told_so(
    stage: Stage, engine: PrivateEngine
) -> None:
    await restarted(engine, live_restore=False)
    try:
        async with stage.scene("dockerd stopped, instances with it", docker_host=engine.url) as scene:
            for _ in range(ROUNDS):
                await scene.crowd.pause()
                told = scene.ledger.told
                scene.ledger.harmed |= set((await scene.containers()).values())
                await engine.stop()
                # Nothing runs now, so whatever visitors have met has ended; some of it began after the look.
                scene.ledger.harmed |= scene.ledger.holders.keys()
                scene.row.faults += 1
                await engine.start()
                await scene.recovered(time.monotonic())
                assert scene.ledger.told - told >= scene.crowd.staying, "all were told, and nobody hung"
    finally:
        await restarted(engine, live_restore=True)


async def in_use(scene: Scene, seconds: float) -> None:
    """Let time pass. Those who hold a session must get answers all the while, not only before and after."""
    parts = max(2, int(seconds))
    for _ in range(parts):
        before = scene.ledger.answers
        await asyncio.sleep(seconds / parts)
        assert scene.ledger.answers > before, "no session was answered while the engine was away"


async def restarted(engine: PrivateEngine, *, live_restore: bool) -> None:
    await engine.stop()
    engine.live_restore = live_restore
    await engine.start()
