"""What an operator gets when something around the gateway is wrong."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import aiodocker
import aiohttp
import pytest

from bench.running import COMMAND, READY, RunningGateway
from bench.visitor import Visitor
from tests.support.apps import app_pool, container_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

REAL = "/var/run/docker.sock"


async def readiness(gateway: RunningGateway) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as http, http.get(gateway.base + "/readyz") as answer:
        return answer.status, await answer.json()


@asynccontextmanager
async def engine_at(socket: Path) -> AsyncIterator[None]:
    """Lend the real engine's socket under another name for a while; cut all connections at the end."""
    writers: set[asyncio.StreamWriter] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(REAL)
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    server = await asyncio.start_unix_server(connected, socket)
    try:
        yield
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.to_thread(socket.unlink, missing_ok=True)


async def test_without_an_engine_the_gateway_is_up_and_says_what_is_missing(tmp_path: Path) -> None:
    environ = {"DOCKER_HOST": f"unix://{tmp_path}/nosuch.sock"}
    running = RunningGateway(tmp_path, container_pool(), environ=environ, wait_ready=False)
    async with running as gateway:
        status, content = await readiness(gateway)
        assert status == 503
        assert any("engine" in reason for reason in content["reasons"])
        async with Visitor(gateway.base) as someone:
            assert await someone.spawn() == 429
            async with someone.http.get(gateway.base + "/user/" + "a" * 26 + "/") as answer:
                # It may be the session of a visitor from before: nobody can say yet.
                assert answer.status == 503


@pytest.mark.docker
async def test_sessions_go_on_while_the_engine_is_away_and_the_pool_fills_up_when_it_returns(
    tmp_path: Path,
) -> None:
    socket = tmp_path / "engine.sock"
    environ = {"DOCKER_HOST": f"unix://{socket}"}
    gateway = RunningGateway(tmp_path, container_pool(warm=2, more="hot = 2"), environ=environ)
    gateway.write_config()
    async with Visitor(gateway.base) as first, Visitor(gateway.base) as second:
        async with engine_at(socket):
            await gateway.start()
            await gateway.until_quiet(2)
            await first.spawn_patiently()

        async def noticed() -> bool:
            return (await readiness(gateway))[0] == 503

        await gateway.until(noticed)
        assert (await first.get(""))[0] == 200
        assert await second.spawn() == 200
        assert (await second.get(""))[0] == 200
        async with engine_at(socket):
            await gateway.until_ready()
            assert (await first.get(""))[0] == 200
            assert sum(i["state"] == "assigned" for i in await gateway.instances()) == 2
            await gateway.stop()


@pytest.mark.docker
async def test_a_missing_image_is_told_with_the_command_that_builds_it(tmp_path: Path) -> None:
    pools = '[[pools]]\nimage = "warmgate/nosuch"\nwarm = 1\n'
    async with RunningGateway(tmp_path, pools, wait_ready=False) as gateway:

        async def told() -> bool:
            return "warmgate/nosuch" in str((await readiness(gateway))[1])

        await gateway.until(told)
        status, content = await readiness(gateway)
        assert status == 503
        assert "warmgate build" in str(content)


async def test_a_start_that_fails_shows_in_readiness_log_and_metrics(tmp_path: Path) -> None:
    pools = app_pool(more='env = {PYTHONHOME = "/nosuch"}')
    async with RunningGateway(tmp_path, pools, engine="process", wait_ready=False) as gateway:

        async def told() -> bool:
            return "failed starts" in str((await readiness(gateway))[1])

        await gateway.until(told)
        assert '"event":"start_failed"' in gateway.log
        async with aiohttp.ClientSession() as http, http.get(gateway.admin + "/metrics") as answer:
            assert 'warmgate_start_failures_total{pool="app"} 0.0' not in await answer.text()


@pytest.mark.parametrize(
    ("settings", "key", "allowed"),
    [
        ("[gateway]\nprot = 80", "gateway.prot", "port"),
        ('[[pools]]\nmemory = "512 bananas"', "pools[0].memory", "512MiB"),
        ("[[pools]]\nwarm = 5\nmax = 2", "pools[0].warm", "at most"),
        ('[memory]\nbudget = "100MiB"', "memory.budget", "512MiB"),
        ('[engine]\nname = "process"\n[gateway]\nhost = "0.0.0.0"', "gateway.host", "loopback"),
        ('[gateway]\nadmin_host = "0.0.0.0"', "gateway.admin_token", "token"),
    ],
)
@pytest.mark.parametrize("command", ["check", "serve"])
async def test_a_bad_setting_ends_check_and_serve_with_2_and_is_named(
    tmp_path: Path, command: str, settings: str, key: str, allowed: str
) -> None:
    config = tmp_path / "bad.toml"
    config.write_text(settings)
    status, told = await ended(command, config)
    assert status == 2
    assert key in told
    assert allowed in told


async def ended(command: str, config: Path) -> tuple[int | None, str]:
    """Run a command that ends by itself; return its exit status and what it told."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, command, "--config", config, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        told = (await process.communicate())[1].decode()
    return process.returncode, told


async def test_a_taken_port_ends_serve_with_2_and_is_named(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path / "one", app_pool(), engine="process") as first:
        second = RunningGateway(tmp_path / "two", app_pool(), engine="process", port=first.port)
        second.write_config()
        status, told = await ended("serve", second.config)
        assert status == 2
        assert "gateway.port" in told
        assert str(first.port) in told


@pytest.mark.docker
async def test_the_address_of_a_dead_instance_never_leads_its_visitor_to_the_next_one(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, container_pool(warm=2, most=4)) as gateway:
        await gateway.until_quiet(2)
        async with Visitor(gateway.base) as someone:
            await someone.spawn_patiently()
            # Its server ends by itself, and nobody asks for it while the pool refills: the engine gives
            # the free address to the instance that is started next.
            with suppress(aiohttp.ClientError):
                await someone.http.post(someone.url, data="import os; os._exit(1)")

            async def refilled() -> bool:
                return sum(i["state"] in READY for i in await gateway.instances()) == 2

            await gateway.until(refilled)
            assert (await someone.get(""))[0] == 410


@pytest.mark.docker
async def test_an_instance_that_others_have_paused_goes_on(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, container_pool()) as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        label = f"warmgate.gateway={gateway.gateway_id}"
        async with aiodocker.Docker() as docker:
            for container in await docker.containers.list(filters={"label": [label]}):
                await container.pause()
        async with asyncio.timeout(30):
            assert (await someone.get(""))[0] == 200
