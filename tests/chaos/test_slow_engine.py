"""An engine that is slow, hangs, is cut off, or does as it is told while its answer is lost."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.chaos.form import FULL
from tests.chaos.toxics import between

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tests.chaos.stage import Scene, Stage
    from tests.chaos.toxics import Toxics

    Act = Callable[[Scene, Toxics], Awaitable[None]]

pytestmark = [pytest.mark.docker, pytest.mark.long_form, pytest.mark.timeout(600)]

ENGINE = "/var/run/docker.sock"

MORE = 'idle_timeout = "10s"\nstart_timeout = "15s"'

HANG = 15.0 if FULL else 2.0
"""Seconds without an answer; ten are the limit of a question."""

LOST = {
    "create": re.compile(rb"POST \S+/containers/create"),
    "start": re.compile(rb"POST \S+/containers/\w+/start"),
    "remove": re.compile(rb"DELETE \S+/containers/\w+"),
    "list": re.compile(rb"GET \S+/containers/json"),
}
"""Calls of which the answers are lost."""

LOSSES = 4 if FULL else 1
"""Answers of each sort that are lost."""


async def slow(scene: Scene, toxics: Toxics) -> None:
    toxics.latency = 0.5
    await scene.used(100 if FULL else 20)
    toxics.latency = 0.0


async def narrow(scene: Scene, toxics: Toxics) -> None:
    toxics.rate = 4096
    await scene.used(100 if FULL else 20)
    toxics.rate = 0.0


async def cut(scene: Scene, toxics: Toxics) -> None:
    for _ in range(20 if FULL else 4):
        toxics.cut()
        await asyncio.sleep(0.25)


async def hung(scene: Scene, toxics: Toxics) -> None:
    toxics.hang()
    await asyncio.sleep(HANG)
    toxics.go_on()


async def answers_lost(scene: Scene, toxics: Toxics) -> None:
    for calls in LOST.values():
        wanted = toxics.lost + LOSSES

        async def enough(until: int = wanted) -> bool:
            return toxics.lost >= until

        toxics.lose = calls
        await scene.gateway.until(enough)
        toxics.lose = None
        await scene.gateway.until_ready()


ACTS: Mapping[str, Act] = {
    "engine slow": slow,
    "engine's answers trickle": narrow,
    "engine cut off": cut,
    "engine hangs": hung,
    "engine's answers lost": answers_lost,
}

PLAYED = [[name] for name in ACTS] if FULL else [list(ACTS)]


@pytest.mark.parametrize("names", PLAYED, ids=" + ".join)
async def test_a_sick_engine_costs_no_visitor_anything_but_waiting(stage: Stage, names: list[str]) -> None:
    socket = stage.folder / "engine.sock"
    async with (
        between(socket, ENGINE) as toxics,
        stage.scene(", ".join(names), through=f"unix://{socket}", more=MORE) as scene,
    ):
        for name in names:
            await ACTS[name](scene, toxics)
            scene.row.faults += 1
            await scene.recovered(time.monotonic())


@pytest.mark.long_form
async def test_a_container_made_after_its_start_was_given_up_is_removed(stage: Stage) -> None:
    """An engine that stood still works off requests of callers that have gone."""
    socket = stage.folder / "engine.sock"
    more = 'idle_timeout = "10s"\nstart_timeout = "8s"'
    async with (
        between(socket, ENGINE) as toxics,
        stage.scene("container made late", through=f"unix://{socket}", more=more) as scene,
    ):
        toxics.hold = LOST["create"]

        async def given_up() -> bool:
            return '"event":"start_failed"' in scene.gateway.log and toxics.held > 0

        await scene.gateway.until(given_up)

        async def forgotten() -> bool:
            return all(i["state"] in {"warm", "assigned"} for i in await scene.gateway.instances())

        await scene.gateway.until(forgotten)
        toxics.hold = None
        scene.row.faults += 1
        await scene.recovered(time.monotonic())
