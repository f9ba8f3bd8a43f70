"""A real Jupyter server, started by the kind's own recipe as a process of this machine."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import psutil
import pytest

from config import PoolSettings
from pool.engines.engine import Address
from pool.kinds.http_api import Refused
from pool.kinds.jupyter import Jupyter
from pool.kinds.jupyter.api import JupyterApi
from pool.upstream import Upstream
from tests.support.leftovers import PREFIX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

KIND = Jupyter()
TOKEN = "a-token-that-no-page-shows"
BASE = "/user/abcdefghijklmnopqrstuvwxyz/"
START_LIMIT = 60.0  # seconds
STOP_LIMIT = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `home` is its working directory."""

    home: Path
    upstream: Upstream


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(home: Path) -> Iterator[Server]:
    port = free_port()
    recipe = KIND.recipe(PoolSettings(), base_path=BASE, token=TOKEN)
    command = [word.replace("{ip}", "127.0.0.1").replace("{port}", str(port)) for word in recipe.command]
    programs = Path(sys.executable).parent
    environment = {
        "PATH": f"{programs}:{os.defpath}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "WARMGATE_GATEWAY": f"{PREFIX}{uuid.uuid4().hex}",
        **recipe.env,
    }
    with (home.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [programs / command[0], *command[1:]],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_listening(process, port)
        address = Address("127.0.0.1", port)
        yield Server(home, Upstream(address, BASE, BASE, KIND.credential(TOKEN), TOKEN))
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End the server and its kernels, which it would otherwise start again."""
    with suppress(psutil.NoSuchProcess):
        server = psutil.Process(process.pid)
        server.suspend()
        for each in (*server.children(recursive=True), server):
            with suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait(STOP_LIMIT)


def wait_until_listening(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the server does not listen")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("instance") / "home"
    home.mkdir()
    with running(home) as started:
        yield started


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        yield session


@pytest.fixture
async def api(server: Server, http: aiohttp.ClientSession) -> AsyncIterator[JupyterApi]:
    """The server's API; what a test starts there ends with it."""
    api = JupyterApi(http, server.upstream)
    yield api
    async with asyncio.timeout(STOP_LIMIT):
        while left := [
            *(f"api/sessions/{session['id']}" for session in await api.call("GET", "api/sessions")),
            *(f"api/kernels/{kernel['id']}" for kernel in await api.call("GET", "api/kernels")),
        ]:
            for path in left:
                # A kernel went with its session, or is just being restarted.
                with suppress(Refused):
                    await api.call("DELETE", path)


def settings(**changes: Any) -> PoolSettings:
    return PoolSettings.model_validate({"name": "test", "warm_timeout": 60.0, **changes})
