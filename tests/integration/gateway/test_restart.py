"""Sessions outlive the gateway, whether it stops or is killed."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bench.running import RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from pathlib import Path

POOLS = '[[pools]]\nsizing = "static"\nwarm = 1\nmax = 3\nnotebook = "welcome.ipynb"\n'

ENGINES = [pytest.param("docker", marks=pytest.mark.docker), "process"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_after_a_kill_every_session_is_found_again_and_warm_instances_are_used_again(
    engine: str, tmp_path: Path
) -> None:
    async with RunningGateway(tmp_path, POOLS, engine=engine) as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        assert await someone.run("kept = 41") == ""
        await gateway.until_ready()
        before = {i["id"]: i["state"] for i in await gateway.instances()}
        assert sorted(before.values()) == ["assigned", "warm"]

        await gateway.stop(signal.SIGKILL)
        await gateway.start()

        assert {i["id"]: i["state"] for i in await gateway.instances()} == before
        assert await someone.run("kept + 1") == "42"
        await someone.leave()


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_graceful_stop_closes_websockets_with_1012_and_keeps_sessions(
    engine: str, tmp_path: Path
) -> None:
    running = RunningGateway(tmp_path, POOLS, engine=engine, on_stop="keep_assigned")
    async with running as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        await someone.run("kept = 41")
        where = f"{someone.url}api/kernels/{await someone.kernel()}/channels"
        async with someone.http.ws_connect(where) as socket, asyncio.TaskGroup() as group:
            stopped = group.create_task(gateway.stop())
            async with asyncio.timeout(10):
                while (await socket.receive()).type is not aiohttp.WSMsgType.CLOSE:
                    pass
            assert socket.close_code == 1012
        assert stopped.result() == 0
        gateway.on_stop = "remove_all"
        gateway.write_config()
        await gateway.start()
        assert await someone.run("kept + 1") == "42"


async def test_an_ended_session_is_still_known_as_ended_after_a_restart(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, POOLS, engine="process") as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        await someone.leave()
        await gateway.stop(signal.SIGKILL)
        await gateway.start()
        assert (await someone.get("api/status"))[0] == 410


async def test_a_second_gateway_on_the_same_state_is_refused_with_a_remedy(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, POOLS, engine="process") as gateway:
        second = RunningGateway(tmp_path, POOLS, engine="process", gateway_id=gateway.gateway_id)
        second.write_config()
        with pytest.raises(RuntimeError, match="W205"):
            await second.start()
        gateway.write_config()
