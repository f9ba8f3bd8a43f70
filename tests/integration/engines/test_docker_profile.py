"""Limits and walls of a container as the engine itself shows them, and as the program inside feels them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import aiodocker
import pytest

from config import Egress
from pool.engines.docker import DockerEngine
from pool.engines.engine import Status
from pool.errors import ImageMissing, StartFailed
from tests.support.engine_rig import MIB, Rig, launch, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pool.engines.engine import Address

pytestmark = pytest.mark.docker


class DockerRig(Rig):
    def make(self, gateway_id: str) -> DockerEngine:
        return DockerEngine(gateway_id)

    async def inspect(self, engine: DockerEngine, instance_id: str) -> dict[str, Any]:
        container = engine._containers[instance_id]
        answer: dict[str, Any] = await engine._client.containers.container(container).show()
        return answer


class PublishedRig(Rig):
    def make(self, gateway_id: str) -> DockerEngine:
        return DockerEngine(gateway_id, local=lambda _bridge, _address: False)


@pytest.fixture
def rig() -> DockerRig:
    return DockerRig()


@pytest.fixture
async def engine(rig: DockerRig) -> AsyncIterator[DockerEngine]:
    async with rig.running() as engine:
        assert isinstance(engine, DockerEngine)
        yield engine


async def test_every_limit_is_visible_in_inspect(engine: DockerEngine, rig: DockerRig) -> None:
    what = launch(memory=256 * MIB, cpus=0.5, pids=64)
    await engine.start(what)
    shown = await rig.inspect(engine, what.instance_id)
    host = shown["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 256 * MIB
    assert (host["NanoCpus"], host["PidsLimit"]) == (500_000_000, 64)
    assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], None)
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["ReadonlyRootfs"] is True
    assert host["Init"] is True
    assert host["Privileged"] is False
    assert (host["IpcMode"], host["RestartPolicy"]["Name"]) == ("private", "no")
    assert host["OomScoreAdj"] == 500
    assert host["ShmSize"] == 32 * MIB
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1"}}
    assert (host["Binds"], host["AutoRemove"]) == (None, False)
    assert set(host["Tmpfs"]) == {"/home/jovyan", "/tmp"}
    assert shown["Config"]["User"] == "1000:1000"
    assert shown["Config"]["Healthcheck"]["Test"] == ["NONE"]
    assert shown["Mounts"] == []


INSIDE = """
import os, pathlib, resource

def can_write(path):
    try:
        (pathlib.Path(path) / "probe").write_text("x")
    except OSError:
        return False
    return True

lines = open("/proc/self/status").read().splitlines()
status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
places = ("/", "/etc", "/usr/local", "/home/jovyan", "/tmp", "/dev/shm")
result = {
    "ids": [os.getuid(), os.getgid(), os.geteuid()],
    "groups": os.getgroups(),
    "first": open("/proc/1/cmdline").read().split("\\0")[0],
    "capabilities": [int(value, 16) for name, value in status.items() if name.startswith("Cap")],
    "no_new_privs": status["NoNewPrivs"],
    "seccomp": status["Seccomp"],
    "nofile": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
    "writable": [place for place in places if can_write(place)],
    "ipv6": open("/proc/net/if_inet6").read() if os.path.exists("/proc/net/if_inet6") else "",
    "sockets": [path for path in ("/var/run/docker.sock", "/run/docker.sock") if os.path.exists(path)],
}
"""


async def test_the_program_inside_feels_the_walls(engine: DockerEngine, rig: DockerRig) -> None:
    _, address = await rig.start(engine)
    inside = await rig.run(address, INSIDE)
    assert inside["ids"] == [1000, 1000, 1000]
    assert 0 not in inside["groups"]
    assert inside["first"].endswith("docker-init")
    assert set(inside["capabilities"]) == {0}
    assert (inside["no_new_privs"], inside["seccomp"]) == ("1", "2")
    assert inside["nofile"] == 8192
    assert inside["writable"] == ["/home/jovyan", "/tmp", "/dev/shm"]
    assert "eth0" not in inside["ipv6"]
    assert inside["sockets"] == []


async def test_a_full_home_is_an_error_and_not_the_end(engine: DockerEngine, rig: DockerRig) -> None:
    _, address = await rig.start(engine, memory=256 * MIB)
    wrote = await rig.run(address, f"open('/home/jovyan/big', 'wb').write(b'x' * {100 * MIB})")
    assert "No space left" in wrote
    assert await rig.answers(address)


async def test_programs_can_be_run_from_home(engine: DockerEngine, rig: DockerRig) -> None:
    _, address = await rig.start(engine)
    script = (
        "import os, subprocess; p = '/home/jovyan/x'; open(p, 'w').write('#!/bin/sh\\necho ran\\n')\n"
        "os.chmod(p, 0o700); result = subprocess.run([p], capture_output=True, text=True).stdout"
    )
    assert await rig.run(address, script) == "ran\n"


async def test_a_fork_bomb_stops_at_the_limit(engine: DockerEngine, rig: DockerRig) -> None:
    _, address = await rig.start(engine, pids=32)
    bomb = (
        "import subprocess\nmade = []\n"
        "try:\n while True: made.append(subprocess.Popen(['sleep', '60']))\n"
        "except OSError as error: result = [len(made), error.errno]\n"
        "for each in made: each.kill(); each.wait()"
    )
    made, errno = await rig.run(address, bomb)
    assert made < 32
    assert errno == 11
    assert await rig.answers(address)


async def test_measured_is_what_the_program_holds_and_not_what_the_kernel_caches(
    engine: DockerEngine, rig: DockerRig
) -> None:
    instance_id, address = await rig.start(engine, memory=512 * MIB)
    before = await engine.measure(instance_id)
    await rig.run(address, f"held = bytearray(b'x') * {60 * MIB}")
    await rig.run(address, f"open('/tmp/file', 'wb').write(b'x' * {40 * MIB})")
    read = (
        "import pathlib\nfor path in pathlib.Path('/opt/venv/lib').rglob('*.so*'):\n"
        "  if path.is_file(): path.read_bytes()"
    )
    await rig.run(address, read)

    async def settled() -> bool:
        # Kernels with cgroup v2 update their counts every two seconds.
        return 98 * MIB <= await engine.measure(instance_id) - before <= 125 * MIB

    await until(settled)
    await engine.pause(instance_id)
    assert 98 * MIB <= await engine.measure(instance_id) - before <= 125 * MIB


async def test_an_images_root_becomes_nobody(engine: DockerEngine, rig: DockerRig) -> None:
    base = "debian:bookworm-slim"
    what = launch(image=base, command=("sleep", "60"), tmpfs=())
    await engine.start(what)
    assert (await rig.inspect(engine, what.instance_id))["Config"]["User"] == "65534:65534"


async def test_root_is_refused_by_whatever_name(engine: DockerEngine) -> None:
    for root in ("root", "0", "0:1000"):
        with pytest.raises(StartFailed, match="root"):
            await engine.start(launch(user=root))
    assert await engine.list() == []


async def test_a_missing_image_is_said(engine: DockerEngine) -> None:
    with pytest.raises(ImageMissing, match="warmgate/no-such-image"):
        await engine.start(launch(image="warmgate/no-such-image"))
    with pytest.raises(ImageMissing):
        await engine.resolve("warmgate/no-such-image")


async def test_a_program_that_is_not_there_is_found_ended_and_said_in_the_output(
    engine: DockerEngine, rig: DockerRig
) -> None:
    what = launch(command=("no-such-program",))
    with suppress(StartFailed):
        await engine.start(what)

    async def said() -> bool:
        return "no-such-program" in await engine.logs(what.instance_id, 10)

    async def ended() -> bool:
        return await rig.status(engine, what.instance_id) is Status.EXITED

    await until(said)
    await until(ended)


async def test_what_only_bears_our_name_is_not_ours(engine: DockerEngine, rig: DockerRig) -> None:
    name = f"warmgate-{rig.gateway_id}-strangerstra"
    config: dict[str, Any] = {
        "Image": "warmgate/jupyter",
        "Cmd": ["sleep", "60"],
        "Labels": {"warmgate.gateway": f"{rig.gateway_id}-other"},
    }
    stranger = await engine._client.containers.create(config, name=name)
    try:
        await stranger.start()
        await engine.destroy("strangerstranger")
        assert await engine.list() == []
        assert (await stranger.show())["State"]["Running"]
    finally:
        await stranger.delete(force=True)


async def test_an_instance_removed_behind_our_back_is_simply_gone(
    engine: DockerEngine, rig: DockerRig
) -> None:
    instance_id, _ = await rig.start(engine)
    await engine._client.containers.container(engine._containers[instance_id]).delete(force=True)
    assert await engine.measure(instance_id) == 0
    assert await engine.logs(instance_id, 5) == ""
    assert await engine.list() == []
    await engine.destroy(instance_id)


async def networks(gateway_id: str) -> dict[str, bool]:
    async with aiodocker.Docker() as docker:
        listed = await docker.networks.list(filters={"label": [f"warmgate.gateway={gateway_id}"]})
    return {network["Name"]: network["Internal"] for network in listed}


async def test_networks_are_made_when_needed_and_go_with_the_last_user(rig: DockerRig) -> None:
    base = f"warmgate-{rig.gateway_id}"
    async with rig.running() as engine:
        assert await networks(rig.gateway_id) == {base: True}
        instance_id, _ = await rig.start(engine, egress=Egress.INTERNET)
        assert await networks(rig.gateway_id) == {base: True, f"{base}-internet": False}
        await engine.close()
        assert await networks(rig.gateway_id) == {f"{base}-internet": False}
        await engine.connect()
        await engine.destroy(instance_id)
    assert await networks(rig.gateway_id) == {}


async def test_two_that_connect_at_once_share_one_network(rig: DockerRig) -> None:
    async with rig.running() as one, rig.running() as two:
        for engine in (one, two):
            await engine.close()
        await asyncio.gather(one.connect(), two.connect())
        assert len(await networks(rig.gateway_id)) == 1
        await asyncio.gather(*(each.start(launch(egress=Egress.INTERNET)) for each in (one, two)))
        assert len(await networks(rig.gateway_id)) == 2


async def test_a_network_removed_behind_our_back_is_made_again(engine: DockerEngine, rig: DockerRig) -> None:
    async with aiodocker.Docker() as docker:
        await (await docker.networks.get(f"warmgate-{rig.gateway_id}")).delete()
    with pytest.raises(StartFailed, match="network"):
        await engine.start(launch())
    await rig.start(engine)


CONNECT = """
import socket
try:
    socket.create_connection(({host!r}, {port}), timeout=1).close()
    result = "connected"
except OSError as error:
    result = type(error).__name__
"""


async def reaches(rig: Rig, address: Address, host: str, port: int) -> bool:
    told: str = await rig.run(address, CONNECT.format(host=host, port=port))
    return told == "connected"


@pytest.mark.parametrize("egress", Egress)
async def test_instances_cannot_reach_each_other(
    engine: DockerEngine, rig: DockerRig, egress: Egress
) -> None:
    _, one = await rig.start(engine, egress=egress)
    _, two = await rig.start(engine, egress=egress)
    # Each listens and answers us, and itself.
    assert await reaches(rig, one, "127.0.0.1", one.port)
    assert not await reaches(rig, one, two.host, two.port)
    assert not await reaches(rig, two, one.host, one.port)


async def test_instances_with_and_without_a_way_out_cannot_reach_each_other(
    engine: DockerEngine, rig: DockerRig
) -> None:
    _, closed = await rig.start(engine, egress=Egress.NONE)
    _, opened = await rig.start(engine, egress=Egress.INTERNET)
    assert not await reaches(rig, closed, opened.host, opened.port)
    assert not await reaches(rig, opened, closed.host, closed.port)


async def test_without_a_way_out_there_is_neither_an_outside_nor_a_name(
    engine: DockerEngine, rig: DockerRig
) -> None:
    _, address = await rig.start(engine, egress=Egress.NONE)
    assert not await reaches(rig, address, "203.0.113.1", 80)
    assert not await reaches(rig, address, "1.1.1.1", 80)
    lookup = "import socket\ntry: result = socket.gethostbyname('example.org')\nexcept OSError: result = ''"
    assert await rig.run(address, lookup) == ""


async def test_where_ports_are_published_instances_are_as_far_apart(rig: DockerRig) -> None:
    async with PublishedRig().running() as engine:
        _, one = await rig.start(engine)
        what = launch()
        await engine.start(what)
        assert isinstance(engine, DockerEngine)
        shown = await rig.inspect(engine, what.instance_id)
        (network,) = shown["NetworkSettings"]["Networks"].values()
        assert shown["NetworkSettings"]["Ports"]["8888/tcp"][0]["HostIp"] == "127.0.0.1"
        assert not await reaches(rig, one, network["IPAddress"], 8888)
        assert not await reaches(rig, one, "203.0.113.1", 80)
