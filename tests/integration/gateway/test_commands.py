"""The operator's commands, as typed, against a gateway that runs."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio

from bench.running import COMMAND, RunningGateway
from tests.support.apps import app_pool, container_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")

LIMIT = 30.0
"""Seconds a command may take."""

TOKEN = "known-to-operators-only"


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[pytest.param("docker", marks=pytest.mark.docker), "process"]
)
async def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningGateway]:
    one = container_pool if request.param == "docker" else app_pool
    # None is paused, so that the one word `warm` tells that all is as it should be.
    running = "hot = 3"
    pools = one(warm=2, most=3, more=running) + one("other", warm=1, most=2, more=running)
    token = f'admin_token = "{TOKEN}"'
    folder = tmp_path_factory.mktemp("commands")
    async with RunningGateway(folder, pools, engine=request.param, gateway=token) as served:
        yield served


@asynccontextmanager
async def started(gateway: RunningGateway, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command with the settings of this gateway; what still runs at the end is ended."""
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        words[0],
        "--config",
        str(gateway.config),
        *words[1:],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def typed(gateway: RunningGateway, *words: str) -> tuple[int | None, str, str]:
    """Run a command to its end; return its exit status and both outputs."""
    async with started(gateway, *words) as process, asyncio.timeout(LIMIT):
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def listed(gateway: RunningGateway) -> list[dict[str, str]]:
    status, out, err = await typed(gateway, "ps", "--json", "--no-measure")
    assert status == 0, err
    found: list[dict[str, str]] = json.loads(out)["instances"]
    return found


async def quiet(gateway: RunningGateway, pools: dict[str, int]) -> list[dict[str, str]]:
    """Wait until there are so many warm instances of each pool, and nothing else."""
    async with asyncio.timeout(LIMIT):
        while True:
            found = await listed(gateway)
            if sorted(i["pool"] for i in found if i["state"] == "warm") == sorted(
                name for name, count in pools.items() for _ in range(count)
            ) and all(i["state"] == "warm" for i in found):
                return found
            await asyncio.sleep(0.2)


async def session_on(gateway: RunningGateway, pool: str) -> str:
    async with (
        aiohttp.ClientSession() as http,
        http.post(gateway.base + "/api/spawn", params={"pool": pool}) as answer,
    ):
        return str((await answer.json())["url"])


async def run_there(gateway: RunningGateway, path: str, source: str) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.post(gateway.base + path, data=source) as answer,
    ):
        await answer.read()


async def line_with(process: asyncio.subprocess.Process, word: str) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT):
        while word not in (line := (await process.stdout.readline()).decode()):
            assert line, "the command ended"
        return line


async def test_ps_lists_every_instance_with_its_memory_and_the_totals(gateway: RunningGateway) -> None:
    found = await quiet(gateway, {"app": 2, "other": 1})
    status, out, err = await typed(gateway, "ps")
    assert (status, err) == (0, "")
    heading, *rows = out.split("\n\n", maxsplit=1)[0].splitlines()
    assert heading.split() == ["INSTANCE", "POOL", "STATE", "AGE", "IDLE", "CHARGE", "MEASURED"]
    assert [row.split()[:3] for row in rows] == [[i["id"][:8], i["pool"], "warm"] for i in found]
    assert all(row.split()[-1] == "MiB" for row in rows), "each is measured"
    assert "3 instances, 384 MiB charged" in out
    assert "\x1b" not in out


async def test_a_watch_that_is_no_terminals_prints_again_and_ends_with_ctrl_c(
    gateway: RunningGateway,
) -> None:
    async with started(gateway, "ps", "--watch", "0.2", "--json", "--no-measure") as process:
        for _ in range(2):
            assert "instances" in json.loads(await line_with(process, "{"))
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(LIMIT):
            _, err = await process.communicate()
        assert (process.returncode, err) == (130, b"")


async def test_scale_says_what_was_and_what_is(gateway: RunningGateway) -> None:
    assert await typed(gateway, "scale", "other=2", "app=1") == (0, "other: 1 → 2\napp: 2 → 1\n", "")
    await quiet(gateway, {"app": 1, "other": 2})
    assert (await typed(gateway, "scale", "app=2", "other=1"))[0] == 0
    await quiet(gateway, {"app": 2, "other": 1})


async def test_a_scale_out_of_range_says_the_bounds_and_changes_nothing(gateway: RunningGateway) -> None:
    status, out, err = await typed(gateway, "scale", "other=0", "app=4")
    assert (status, out) == (1, "")
    assert "W607" in err
    assert "0 to 3" in err
    await quiet(gateway, {"app": 2, "other": 1})


async def test_drain_ends_the_warm_instances_of_a_pool_and_says_how_many(gateway: RunningGateway) -> None:
    before = {i["id"] for i in await quiet(gateway, {"app": 2, "other": 1}) if i["pool"] == "app"}
    status, out, _ = await typed(gateway, "drain", "app")
    assert (status, out) == (0, "2 warm instances drained, 0 sessions left in use\n")
    after = {i["id"] for i in await quiet(gateway, {"app": 2, "other": 1})}
    assert not before & after


async def test_logs_follow_an_instance_through_a_restart_of_the_gateway_until_its_end(
    gateway: RunningGateway,
) -> None:
    await quiet(gateway, {"app": 2, "other": 1})
    path = await session_on(gateway, "other")
    secret = path.strip("/").split("/")[1]
    held = next(i["id"] for i in await listed(gateway) if i["state"] == "assigned")
    async with started(gateway, "logs", "--follow", held[:6]) as process:
        await line_with(process, "listening")
        await run_there(
            gateway, path, f"print('one {secret}\\x1b[31m red\\x1b[0m \\x1b]0;title', flush=True)"
        )
        assert await line_with(process, "one") == "one … red \\x1b]0;title\n"

        gateway.on_stop = "keep_assigned"
        gateway.write_config()
        await gateway.stop(signal.SIGKILL)
        await gateway.start()
        await run_there(gateway, path, "for n in range(500): print('line', n % 7, flush=True)")
        await run_there(gateway, path, "print('last', flush=True)")
        assert process.stdout is not None
        got = []
        async with asyncio.timeout(LIMIT):
            while (line := await process.stdout.readline()) != b"last\n":
                got.append(line.decode())
        assert got == [f"line {n % 7}\n" for n in range(500)], "none is lost, none comes twice"

        await run_there(gateway, path, "import threading, os; threading.Timer(0.2, os._exit, [0]).start()")
        async with asyncio.timeout(LIMIT):
            out, err = await process.communicate()
    assert (process.returncode, out) == (0, b"")
    assert b"has ended" in err


async def test_logs_of_a_pool_name_the_instance_on_each_line(gateway: RunningGateway) -> None:
    found = await quiet(gateway, {"app": 2, "other": 1})
    status, out, _ = await typed(gateway, "logs", "--pool", "app", "-n", "1")
    assert status == 0
    assert sorted(out.splitlines()) == sorted(
        f"{i['id'][:8]}  listening" for i in found if i["pool"] == "app"
    )


async def test_a_pool_that_is_followed_shows_instances_that_come_later_from_their_start(
    gateway: RunningGateway,
) -> None:
    await quiet(gateway, {"app": 2, "other": 1})
    async with started(gateway, "logs", "-f", "-n", "0", "--pool", "other") as process:
        # It must have seen the first instance before that one is replaced.
        await asyncio.sleep(1.5)
        await typed(gateway, "drain", "other")
        (new,) = [i for i in await quiet(gateway, {"app": 2, "other": 1}) if i["pool"] == "other"]
        assert await line_with(process, "listening") == f"{new['id'][:8]}  listening\n"


async def test_the_doctor_finds_nothing_that_keeps_this_gateway_from_serving(gateway: RunningGateway) -> None:
    await quiet(gateway, {"app": 2, "other": 1})
    status, out, err = await typed(gateway, "doctor")
    assert (status, err) == (0, ""), out
    lines = out.splitlines()
    assert any(line.split()[:2] == ["ok", "gateway"] for line in lines)
    assert sum("the gateway listens" in line for line in lines) == 2
    assert any("the gateway" in line and "held by process" in line for line in lines)
    assert not [line for line in lines if line.startswith("FAIL")]
    for line, after in pairwise(lines):
        assert not line.startswith("warn") or after.strip().startswith("→"), "each says how to mend it"


async def test_with_another_token_the_gateway_is_closed_and_the_command_says_which_key(
    gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARMGATE_GATEWAY__ADMIN_TOKEN", "another")
    status, out, err = await typed(gateway, "ps")
    assert (status, out) == (1, "")
    assert "W604" in err
    assert "admin_token" in err
    assert TOKEN not in err


async def test_an_instance_that_is_not_there_has_a_code(gateway: RunningGateway) -> None:
    headers = {"Authorization": f"token {TOKEN}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        for path, status, code in [
            ("/api/instances/nosuch/logs", 404, "W601"),
            ("/api/instances/nosuch/logs?lines=0", 400, "W401"),
            ("/api/instances/nosuch/logs?lines=ten", 400, "W401"),
            ("/api/instances/nosuch/logs?after=%2e%2e/x", 400, "W401"),
            ("/api/instances?measure=maybe", 400, "W401"),
        ]:
            async with http.get(gateway.admin + path) as answer:
                assert (answer.status, (await answer.json())["code"]) == (status, code), path


async def test_where_no_gateway_runs_commands_and_doctor_say_so(tmp_path: Path) -> None:
    nobody = RunningGateway(tmp_path, app_pool(), engine="process")
    nobody.write_config()
    for words in (["ps"], ["logs"], ["scale", "app=1"], ["drain"]):
        status, out, err = await typed(nobody, *words)
        assert (status, out) == (1, "")
        assert "W602" in err
        assert "warmgate serve" in err
    status, out, _ = await typed(nobody, "doctor")
    assert status == 0
    assert "none runs" in out
    assert not (tmp_path / "state").exists(), "the doctor makes nothing"


async def test_the_doctor_fails_where_another_program_has_the_port(tmp_path: Path) -> None:
    nobody = RunningGateway(tmp_path, app_pool(), engine="process")
    nobody.write_config()
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", nobody.port)
    async with server:
        status, out, _ = await typed(nobody, "doctor")
    assert status == 1
    (line,) = [line for line in out.splitlines() if line.startswith("FAIL")]
    assert f"port {nobody.port}" in line
    assert "taken by" in line


async def test_the_doctor_names_every_wrong_key(tmp_path: Path) -> None:
    nobody = RunningGateway(tmp_path, '[[pools]]\nname = "a"\nwarm = -1\ncpus = "many"\n')
    nobody.write_config()
    status, out, _ = await typed(nobody, "doctor")
    assert status == 2
    assert "pools[0].warm" in out
    assert "pools[0].cpus" in out
