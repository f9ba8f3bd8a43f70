"""Several processes for visitors' traffic behind one port, one owner of the pool."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

import aiohttp
import psutil
import pytest
import pytest_asyncio

from bench.running import RunningGateway
from tests.support.apps import app_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORKERS = 2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    running = RunningGateway(
        tmp_path_factory.mktemp("workers"),
        app_pool(warm=2, most=6),
        engine="process",
        gateway=f"workers = {WORKERS}",
    )
    async with running as started:
        yield started


def workers(gateway: RunningGateway) -> list[psutil.Process]:
    assert gateway.process is not None
    children = psutil.Process(gateway.process.pid).children()
    return [child for child in children if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "gateway.workers.worker" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False  # an instance that has just ended


def remote_ports(worker: psutil.Process) -> set[int]:
    """The other ends of its connections."""
    peers = [connection.raddr for connection in worker.net_connections("tcp")]
    return {int(peer[1]) for peer in map(tuple[Any, ...], peers) if peer}


async def spawn(gateway: RunningGateway) -> str:
    async with aiohttp.ClientSession(gateway.base) as http:
        while True:
            async with http.post("/api/spawn") as answer:
                if answer.status == 200:
                    return str((await answer.json())["url"])
            await asyncio.sleep(0.1)


async def leave(gateway: RunningGateway, url: str) -> None:
    async with aiohttp.ClientSession(gateway.base) as http, http.post(url + "api/shutdown") as answer:
        assert answer.status == 200


async def test_every_worker_serves_every_session(gateway: RunningGateway) -> None:
    url = await spawn(gateway)
    # Each client is a connection of its own, taken by whichever worker is free.
    for _ in range(20):
        async with aiohttp.ClientSession(gateway.base) as http, http.get(url) as answer:
            assert answer.status == 200
    await leave(gateway, url)
    async with aiohttp.ClientSession(gateway.base) as http, http.get(url) as answer:
        assert (answer.status, (await answer.json())["code"]) == (410, "W404")


async def test_one_connection_may_ask_for_our_pages_and_a_session_in_turns(gateway: RunningGateway) -> None:
    url = await spawn(gateway)
    only_one = aiohttp.TCPConnector(limit=1)
    async with aiohttp.ClientSession(gateway.base, connector=only_one) as http:
        for _ in range(5):
            async with http.get("/") as page:
                assert (page.status, page.content_type) == (200, "text/html")
            async with http.get(url) as answer:
                assert answer.status == 200
            async with http.get("/nosuch") as missing:
                assert missing.status == 404
    await leave(gateway, url)


async def test_what_was_sent_ahead_is_handed_over_too(gateway: RunningGateway) -> None:
    url = await spawn(gateway)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    field = b"Host: 127.0.0.1\r\n"
    ask = b"GET /healthz HTTP/1.1\r\n" + field + b"\r\n"
    there = b"GET " + url.encode() + b" HTTP/1.1\r\n" + field + b"\r\n"
    last = b"GET /healthz HTTP/1.1\r\n" + field + b"Connection: close\r\n\r\n"
    writer.write(ask + there + ask + there + last)
    async with asyncio.timeout(10):
        told = await reader.read()
    writer.close()
    assert told.count(b"HTTP/1.1 200 OK\r\n") == 5
    await leave(gateway, url)


async def test_requests_to_a_session_and_to_us_are_answered_in_order(gateway: RunningGateway) -> None:
    url = await spawn(gateway)
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    there = b"GET " + url.encode() + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    missing = b"GET /nosuch HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for _ in range(3):
        writer.write((there + missing) * 2)
        for status in (200, 404, 200, 404):
            async with asyncio.timeout(10):
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 %d " % status)
                length = next(
                    line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
                )
                await reader.readexactly(int(length[15:]))
    writer.close()
    await leave(gateway, url)


async def test_a_form_is_handed_over_with_its_body(gateway: RunningGateway) -> None:
    await gateway.until_quiet(2)
    async with aiohttp.ClientSession(gateway.base) as http:
        browser = {"Accept": "text/html"}
        async with http.post("/spawn", data={"pool": "app"}, headers=browser) as page:
            assert page.status == 200
            assert "/user/" in str(page.url)
            url = page.url.path
    await leave(gateway, url)


async def test_what_workers_relay_is_counted_by_the_owner(gateway: RunningGateway) -> None:
    async def relayed() -> float:
        async with aiohttp.ClientSession() as http, http.get(gateway.admin + "/metrics") as answer:
            lines = (await answer.text()).splitlines()
        name = 'warmgate_relayed_requests_total{status="2xx"} '
        return float(next(line for line in lines if line.startswith(name)).removeprefix(name))

    before = await relayed()
    url = await spawn(gateway)
    async with aiohttp.ClientSession(gateway.base) as http:
        for _ in range(7):
            async with http.get(url) as answer:
                assert answer.status == 200

    async def counted() -> bool:
        return await relayed() >= before + 7

    await gateway.until(counted)
    await leave(gateway, url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_what_a_terminal_or_systemd_tells_all_processes_is_the_owners_to_follow(
    gateway: RunningGateway, number: signal.Signals
) -> None:
    before = workers(gateway)
    for worker in before:
        worker.send_signal(number)
    url = await spawn(gateway)
    for _ in range(10):
        async with aiohttp.ClientSession(gateway.base) as http, http.get(url) as answer:
            assert answer.status == 200
    await leave(gateway, url)
    assert workers(gateway) == before


async def test_a_worker_that_is_killed_takes_its_own_connections_along_and_nothing_else(
    gateway: RunningGateway,
) -> None:
    url = await spawn(gateway)
    held = [await asyncio.open_connection("127.0.0.1", gateway.port) for _ in range(12)]
    ask = b"GET " + url.encode() + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for reader, writer in held:
        writer.write(ask)
        await reader.readuntil(b"\r\n\r\n")
    first = workers(gateway)
    assert len(first) == WORKERS
    ours = {writer.get_extra_info("sockname")[1] for _, writer in held}
    carried = {worker.pid: remote_ports(worker) & ours for worker in first}
    victim, ports = max(carried.items(), key=lambda item: len(item[1]))
    os.kill(victim, signal.SIGKILL)
    lost = [pair for pair in held if pair[1].get_extra_info("sockname")[1] in ports]
    kept = [pair for pair in held if pair not in lost]
    assert lost
    for reader, _ in lost:
        with pytest.raises(ConnectionError):
            await _drained(reader)
    for reader, writer in kept:
        writer.write(ask)
        assert b"HTTP/1.1 200 OK\r\n" in await reader.readuntil(b"\r\n\r\n")

    async def whole_again() -> bool:
        return len(workers(gateway)) == WORKERS

    await gateway.until(whole_again)
    for _ in range(10):
        async with aiohttp.ClientSession(gateway.base) as http, http.get(url) as answer:
            assert answer.status == 200
    for _, writer in held:
        writer.close()
    await leave(gateway, url)


async def test_after_a_release_workers_know_the_pools_there_are(tmp_path: Path) -> None:
    running = RunningGateway(tmp_path, app_pool("old"), engine="process", gateway=f"workers = {WORKERS}")
    async with running as gateway:
        url = await spawn(gateway)
        gateway.pools = app_pool("new")
        gateway.write_config()
        await gateway.admin_json("/api/release", "POST")
        browser = {"Accept": "text/html"}
        async with (
            aiohttp.ClientSession(gateway.base, headers=browser) as http,
            http.post(url, data="import os; os._exit(1)") as answer,
        ):
            page = await answer.text()
        assert answer.status == 410
        assert "/spawn" in page
        assert "pool=old" not in page


async def test_workers_end_with_the_owner_however_it_ends(tmp_path: Path) -> None:
    running = RunningGateway(tmp_path, app_pool(), engine="process", gateway=f"workers = {WORKERS}")
    async with running as gateway:
        mine = workers(gateway)
        assert len(mine) == WORKERS
        await gateway.stop(signal.SIGKILL)
        await asyncio.to_thread(psutil.wait_procs, mine, timeout=20)
        assert not any(worker.is_running() for worker in mine)
        # The next start finds the port free, and the instances of the one before.
        await gateway.start()
        url = await spawn(gateway)
        await leave(gateway, url)


async def _drained(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(10):
        await reader.read()
    raise ConnectionResetError  # an end is as good as a reset
