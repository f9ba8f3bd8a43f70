"""Charges as measured, and instances paused until their visitor comes, on the real engine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiodocker
import pytest

from bench.crowd import APP_MEMORY
from bench.line import stand
from bench.notebook import jupyter_pool
from bench.running import READY, RunningGateway
from bench.visitor import Visitor
from bench.watching import at_rest, watched
from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE
from tests.support.apps import container_pool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.docker, pytest.mark.timeout(240)]

SEATS, WARM = 4, 10
"""Instances the budget holds at their limit, and how many are to be kept warm."""


async def engine_says(gateway: RunningGateway) -> dict[str, dict[str, Any]]:
    """Return the engine's own word on each container's process, by instance."""
    wanted = {"label": [f"{LABEL_GATEWAY}={gateway.gateway_id}"]}
    async with aiodocker.Docker() as docker:
        found = await docker.containers.list(filters=wanted)
        return {one["Labels"][LABEL_INSTANCE]: (await one.show())["State"] for one in found}


async def assigned(gateway: RunningGateway) -> str:
    (instance,) = [i["id"] for i in await gateway.instances() if i["state"] == "assigned"]
    return str(instance)


async def until_all_paused(gateway: RunningGateway, count: int) -> None:
    async def all_paused() -> bool:
        return [i["state"] for i in await gateway.instances()] == ["paused"] * count

    await gateway.until(all_paused)


async def test_a_burst_on_measured_charges_never_passes_the_budget_and_serves_all(tmp_path: Path) -> None:
    pool = container_pool(warm=WARM, most=2 * WARM)
    gateway = RunningGateway(tmp_path, pool, budget=str(SEATS * APP_MEMORY), charge="measured")

    async def come() -> None:
        async with Visitor(gateway.base) as someone:
            await stand(someone)
            assert (await someone.get(""))[0] == 200
            await asyncio.sleep(1)
            await someone.leave()

    async with gateway, watched(gateway) as peaks:
        await at_rest(gateway, quiet=3, limit=120)
        ready = [i for i in await gateway.instances() if i["state"] in READY]
        assert len(ready) == WARM > SEATS
        assert all(0 < i["charge"] < APP_MEMORY for i in ready)
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            for number in range(3 * SEATS):
                group.create_task(come(), name=f"visitor-{number}")
        await at_rest(gateway, quiet=3, limit=120)
        assert len(await gateway.instances()) == WARM
    assert peaks.looks > 10
    assert peaks.overdrawn == 0
    assert peaks.charged > SEATS * APP_MEMORY / 2


async def test_a_visitor_is_charged_the_limit_and_warm_ones_make_room_for_that(tmp_path: Path) -> None:
    pool = container_pool(warm=WARM, most=2 * WARM)
    gateway = RunningGateway(tmp_path, pool, budget=str(SEATS * APP_MEMORY), charge="measured")
    async with gateway:
        await at_rest(gateway, quiet=3, limit=120)
        async with asyncio.timeout(60):
            for _ in range(SEATS):
                async with Visitor(gateway.base) as someone:
                    await stand(someone)
                    assert (await someone.get(""))[0] == 200
        await at_rest(gateway, quiet=3, limit=120)
        told = await gateway.admin_json("/api/instances")
        states = [i["state"] for i in told["instances"]]
        assert states == ["assigned"] * SEATS
        assert told["charged"] == told["budget"]


async def test_a_paused_notebook_runs_once_it_is_assigned_and_its_kernel_answers(tmp_path: Path) -> None:
    async with (
        RunningGateway(tmp_path, jupyter_pool(warm=1, most=1, hot=0)) as gateway,
        Visitor(gateway.base) as someone,
    ):
        await until_all_paused(gateway, 1)
        (before,) = (await engine_says(gateway)).values()
        assert before["Paused"]
        assert await someone.click() == 200
        state = (await engine_says(gateway))[await assigned(gateway)]
        assert (state["Status"], state["Paused"]) == ("running", False)
        assert await someone.run("len(primes)") == "15"


async def test_paused_instances_serve_visitors_who_come_together(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, container_pool(warm=3, most=3, more="hot = 0")) as gateway:
        await until_all_paused(gateway, 3)

        async def come(number: int) -> str:
            async with Visitor(gateway.base) as someone:
                assert await someone.spawn() == 200
                async with someone.http.post(someone.url, data=f"result = {number} + 1") as answer:
                    assert await answer.json(content_type=None) == number + 1
                return someone.url

        urls = await asyncio.gather(*(come(number) for number in range(3)))
        assert len(set(urls)) == 3
        states = [state["Status"] for state in (await engine_says(gateway)).values()]
        assert states == ["running"] * 3
