"""How the owner keeps its workers, played by a script that says it is one."""

from __future__ import annotations

import socket
import sys
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import psutil
import pytest

from gateway.workers import owner
from gateway.workers.owner import Workers
from pool.tasks import Tasks
from tests.integration.proxy.peer import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

WORKER = """#!{python} -S
import os, socket, sys
channel = socket.socket(fileno=int(sys.argv[-1]))
channel.setblocking(True)
with open("{folder}/starts", "a") as starts:
    starts.write(".")
if os.path.exists("{folder}/ends"):
    sys.exit(1)
if not os.path.exists("{folder}/hangs"):
    channel.send(b'["Ready",{{}}]\\n')
while (told := channel.recv(1 << 18)) and b'"Stop"' not in told:
    pass
"""


class NoPools:
    sessions = ()

    def listen(self, *_: object, **__: object) -> None: ...

    def __iter__(self) -> Any:
        return iter(())


def site() -> Any:
    token = SimpleNamespace(get_secret_value=str)
    gateway = SimpleNamespace(
        trusted_proxies=[],
        embed_origins=[],
        public_url="",
        session_domain="",
        log_format="text",
        api_token=token,
    )
    return SimpleNamespace(
        pools=NoPools(),
        settings=SimpleNamespace(gateway=gateway),
        prefix="",
        engine=SimpleNamespace(name="process"),
    )


@asynccontextmanager
async def two_workers(folder: Path) -> AsyncIterator[Workers]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with Tasks() as tasks:
            counted = cast("Any", SimpleNamespace(relayed=lambda *_: None))
            workers = Workers(
                2,
                listener,
                site=site(),
                door=cast("Any", None),
                metrics=counted,
                tasks=tasks,
                on_loss=lambda: None,
            )
            await workers.start()
            try:
                yield workers
            finally:
                await workers.stop()


@pytest.mark.parametrize("fault", ["ends", "hangs"])
async def test_workers_that_do_not_start_are_never_more_than_there_should_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    script = tmp_path / "python"
    script.write_text(WORKER.format(python=sys.executable, folder=tmp_path))
    script.chmod(0o755)
    starts = tmp_path / "starts"
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(owner, "RESTART_AFTER", 0.01)

    def is_worker(process: psutil.Process) -> bool:
        try:
            return str(script) in process.cmdline()
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            return False

    def alive() -> int:
        return sum(map(is_worker, psutil.Process().children()))

    async with two_workers(tmp_path) as workers:
        monkeypatch.setattr(owner, "START_LIMIT", 0.2)
        (tmp_path / fault).touch()
        for worker in workers._running:
            worker.kill()
        await until(lambda: len(starts.read_text()) >= 6)
        assert alive() <= 2
        monkeypatch.setattr(owner, "START_LIMIT", 10.0)
        (tmp_path / fault).unlink()
        await until(lambda: sum(worker.ready for worker in workers._running) == 2)
        assert (len(workers._running), alive()) == (2, 2)
    assert alive() == 0
