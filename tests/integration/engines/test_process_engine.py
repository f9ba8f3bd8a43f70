"""What only the process engine has to care about: sessions, orphans, folders, its own restart."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import aiohttp
import psutil
import pytest

from pool.engines.engine import Status
from pool.engines.process import ProcessEngine
from pool.errors import StartFailed
from tests.support.engine_rig import MIB, Rig, launch, new_instance_id, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from pool.engines.engine import Address

ORPHAN = """
import subprocess, sys
source = (
    "import subprocess; "
    "print(subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL, start_new_session=True).pid)"
)
result = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True).stdout
"""
"""A grandchild in a session of its own, whose parent has ended."""


class ProcessRig(Rig):
    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    def make(self, gateway_id: str) -> ProcessEngine:
        return ProcessEngine(self.root, gateway_id, watch_every=0.1)

    def folder(self, instance_id: str) -> Path:
        return self.root / self.gateway_id / instance_id

    def pid(self, instance_id: str) -> int:
        record = json.loads((self.folder(instance_id) / "instance.json").read_bytes())
        pid: int = record["pid"]
        return pid


@pytest.fixture
def rig(tmp_path: Path) -> ProcessRig:
    return ProcessRig(tmp_path)


@pytest.fixture
async def engine(rig: ProcessRig) -> AsyncIterator[ProcessEngine]:
    async with rig.running() as engine:
        assert isinstance(engine, ProcessEngine)
        yield engine


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def marked(instance_id: str) -> list[int]:
    """Pids of everything that carries the instance's mark, found without the engine's help."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue
        if environment.get("WARMGATE_INSTANCE") == instance_id and runs(process.pid):
            found.append(process.pid)
    return found


async def test_an_orphan_in_a_session_of_its_own_goes_with_its_instance(
    engine: ProcessEngine, rig: ProcessRig
) -> None:
    instance_id, address = await rig.start(engine)
    orphan = int(await rig.run(address, ORPHAN))
    assert psutil.Process(orphan).ppid() != rig.pid(instance_id)
    assert os.getsid(orphan) != rig.pid(instance_id)
    await engine.destroy(instance_id)
    assert not runs(orphan)


async def test_an_orphan_is_found_though_its_instance_has_ended(
    engine: ProcessEngine, rig: ProcessRig
) -> None:
    instance_id, address = await rig.start(engine)
    orphan = int(await rig.run(address, ORPHAN))
    await rig.end(address)
    assert runs(orphan)
    await engine.destroy(instance_id)
    assert not runs(orphan)


async def test_a_process_whose_first_thread_has_ended_is_still_a_process(
    engine: ProcessEngine, rig: ProcessRig
) -> None:
    headless = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.PyDLL(None).pthread_exit(None)
"""
    start = f"import subprocess, sys; result = subprocess.Popen([sys.executable, '-c', {headless!r}]).pid"
    instance_id, address = await rig.start(engine)
    pid = int(await rig.run(address, start))

    async def headless_now() -> bool:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    await until(headless_now)
    assert psutil.Process(pid).num_threads() > 1
    await engine.destroy(instance_id)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).num_threads() == 1


async def test_a_pause_stops_orphans_too(engine: ProcessEngine, rig: ProcessRig) -> None:
    instance_id, address = await rig.start(engine)
    orphan = int(await rig.run(address, ORPHAN))
    await engine.pause(instance_id)
    assert psutil.Process(orphan).status() == psutil.STATUS_STOPPED
    await engine.unpause(instance_id)
    assert psutil.Process(orphan).status() != psutil.STATUS_STOPPED


async def test_a_pid_that_now_belongs_to_somebody_else_is_left_alone(
    engine: ProcessEngine, rig: ProcessRig
) -> None:
    instance_id, address = await rig.start(engine)
    await rig.end(address)
    stranger = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    path = rig.folder(instance_id) / "instance.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps(record | {"pid": stranger.pid}))
    assert await rig.status(engine, instance_id) is Status.EXITED
    await engine.destroy(instance_id)
    assert runs(stranger.pid)
    stranger.kill()
    await stranger.wait()


GATEWAY = """
import asyncio, os, sys
from pathlib import Path
from pool.engines.process import ProcessEngine
from tests.support.engine_rig import launch

async def main(root, gateway_id, instance_id):
    engine = ProcessEngine(Path(root), gateway_id)
    await engine.connect()
    await engine.start(launch(instance_id=instance_id))
    os.kill(os.getpid(), 9)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_instances_of_a_killed_gateway_are_found_and_can_be_ended(
    engine: ProcessEngine, rig: ProcessRig
) -> None:
    instance_id = new_instance_id()
    gateway = await asyncio.create_subprocess_exec(
        sys.executable, "-c", GATEWAY, str(rig.root), rig.gateway_id, instance_id
    )
    assert await gateway.wait() == -9
    (found,) = await engine.list()
    assert (found.instance_id, found.status) == (instance_id, Status.RUNNING)
    assert found.address is not None
    address: Address = found.address
    await until(lambda: rig.answers(address))
    await engine.destroy(instance_id)
    assert await engine.list() == []
    assert marked(instance_id) == []


async def test_an_instance_killed_before_it_was_written_down_is_found_and_ended(
    engine: ProcessEngine, rig: ProcessRig
) -> None:
    instance_id, _ = await rig.start(engine)
    (rig.folder(instance_id) / "instance.json").unlink()
    (found,) = await engine.list()
    assert (found.instance_id, found.status, found.address) == (instance_id, Status.CREATED, None)
    await engine.destroy(instance_id)
    assert marked(instance_id) == []


async def test_over_the_memory_limit_everything_of_the_instance_ends(
    engine: ProcessEngine, rig: ProcessRig
) -> None:
    instance_id, address = await rig.start(engine, memory=128 * MIB)
    child = f"""
import subprocess, sys
eats = "held = bytearray(b'x') * {160 * MIB}; input()"
subprocess.Popen([sys.executable, "-c", eats], stdin=subprocess.PIPE, start_new_session=True)
"""
    await rig.run(address, child)

    async def ended() -> bool:
        return await rig.status(engine, instance_id) is Status.EXITED and not marked(instance_id)

    await until(ended)
    (found,) = await engine.list()
    assert found.out_of_memory


async def test_a_fork_bomb_ends_its_instance(engine: ProcessEngine, rig: ProcessRig) -> None:
    instance_id, address = await rig.start(engine, pids=16)
    bomb = "import subprocess; made = [subprocess.Popen(['sleep', '600']) for _ in range(20)]"
    await rig.run(address, bomb)

    async def ended() -> bool:
        return await rig.status(engine, instance_id) is Status.EXITED and not marked(instance_id)

    await until(ended)
    (found,) = await engine.list()
    assert not found.out_of_memory


async def test_memory_counts_children_and_no_page_twice(engine: ProcessEngine, rig: ProcessRig) -> None:
    instance_id, address = await rig.start(engine, memory=1024 * MIB)
    before = await engine.measure(instance_id)
    fork = f"held = bytearray(b'x') * {50 * MIB}\nimport os, time\nif os.fork() == 0: time.sleep(600)"
    await rig.run(address, fork)
    assert 45 * MIB <= await engine.measure(instance_id) - before <= 65 * MIB


async def test_output_is_kept_short(engine: ProcessEngine, rig: ProcessRig) -> None:
    instance_id, address = await rig.start(engine)
    log = rig.folder(instance_id) / "output.log"
    await rig.run(address, f"import sys; sys.stderr.write('x' * {3 * MIB}); sys.stderr.flush()")

    async def short() -> bool:
        return log.stat().st_size < MIB

    await until(short)
    await rig.run(address, "print('still heard', file=sys.stderr, flush=True)")
    assert "still heard" in await engine.logs(instance_id, 5)


async def test_an_instance_has_a_folder_and_an_environment_of_its_own(
    engine: ProcessEngine, rig: ProcessRig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WARMGATE_GATEWAY__API_TOKEN", "hidden")
    skeleton = tmp_path / "skeleton"
    skeleton.mkdir()
    (skeleton / "welcome.txt").write_text("hello")
    instance_id, address = await rig.start(engine, skeleton=skeleton)
    look = "import os; result = [os.getcwd(), os.listdir(), oct(os.umask(0o77)), dict(os.environ)]"
    folder, files, umask, environment = await rig.run(address, look)
    assert folder == environment["HOME"] == str(rig.folder(instance_id) / "home")
    assert files == ["welcome.txt"]
    assert umask == "0o77"
    assert "hidden" not in str(environment)
    await engine.destroy(instance_id)
    assert not rig.folder(instance_id).exists()


async def test_a_missing_jupyter_tells_how_to_get_it(engine: ProcessEngine) -> None:
    with pytest.raises(StartFailed, match=r"pip install 'warmgate\[jupyter\]'"):
        await engine.start(launch(command=("jupyter-nowhere",)))
    with pytest.raises(StartFailed, match="not on PATH"):
        await engine.start(launch(command=("nowhere",)))
    assert await engine.list() == []


async def test_a_closed_engine_leaves_instances_running_and_takes_its_watch_along(rig: ProcessRig) -> None:
    async with rig.running() as engine:
        instance_id, address = await rig.start(engine)
        await engine.close()
        assert await rig.answers(address)
        assert [task.get_name() for task in asyncio.all_tasks() if "watch" in task.get_name()] == []
        await engine.connect()
        await engine.destroy(instance_id)
        assert marked(instance_id) == []


async def test_connecting_twice_watches_once(engine: ProcessEngine) -> None:
    await engine.connect()
    assert len([task for task in asyncio.all_tasks() if task.get_name() == "process-watch"]) == 1


JUPYTER = (
    "jupyter-lab",
    "--no-browser",
    "--allow-root",
    "--ip={ip}",
    "--port={port}",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=t0ken",
)


async def test_real_jupyter_leaves_no_kernel_behind(engine: ProcessEngine, rig: ProcessRig) -> None:
    what = launch(command=JUPYTER, memory=1024 * MIB, env={})
    address = await engine.start(what)
    headers = {"Authorization": "token t0ken"}
    base = f"http://{address.host}:{address.port}/api"
    async with aiohttp.ClientSession(headers=headers) as http:

        async def up() -> bool:
            try:
                async with http.get(f"{base}/status") as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await until(up)
        async with http.post(f"{base}/kernels", json={"name": "python3"}) as answer:
            assert answer.status == 201
    server = rig.pid(what.instance_id)

    async def kernel_runs() -> bool:
        return any(os.getsid(pid) != server for pid in marked(what.instance_id))

    await until(kernel_runs)
    kernels = [pid for pid in marked(what.instance_id) if os.getsid(pid) != server]
    await engine.pause(what.instance_id)
    assert {psutil.Process(pid).status() for pid in [server, *kernels]} == {psutil.STATUS_STOPPED}
    await engine.destroy(what.instance_id)
    assert not any(runs(pid) for pid in [server, *kernels])
    assert marked(what.instance_id) == []
