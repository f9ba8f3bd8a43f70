"""A dockerd that may be stopped, killed and hung: its folders, its socket and its network are its own.

In the machine's own network a second one would do harm: it empties the first one's firewall chains, and in
some configurations removes docker0.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import tarfile
import time
from typing import IO, TYPE_CHECKING

import aiodocker
import psutil

from pool.engines.docker_calls import open_client, version
from pool.errors import EngineError
from tests.chaos.namespace import Namespace

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "warmgate/jupyter"

NEEDED = ("dockerd", "containerd", "docker", "ip", "unshare")

LEFT_OUT = ("usr/share/", "usr/lib/gcc/", "usr/games/")

CONTAINERD = """\
version = 2
root = "{folder}/data/containerd"
state = "{folder}/exec/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{folder}/exec/containerd.sock"
"""

ANSWER_LIMIT = 30.0
"""Seconds until it must answer after a start."""

END_LIMIT = 30.0
"""Seconds it may take to end after SIGTERM."""


def missing() -> str:
    """Return why there can be no second engine on this machine, or nothing."""
    if os.geteuid() != 0:
        return "only root can start a second dockerd"
    absent = [name for name in NEEDED if shutil.which(name) is None]
    return f"a second dockerd needs {', '.join(absent)}" if absent else ""


class PrivateEngine:
    """Made in an empty folder. `live_restore`: whether containers outlive their engine.

    Whoever starts it, or reaches its containers, must have entered its `network`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "engine.sock"
        self.live_restore = True
        self.network = Namespace(folder / "network")
        self.process: subprocess.Popen[bytes] | None = None
        self._containerd: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What DOCKER_HOST must say."""
        return f"unix://{self.socket}"

    async def prepare(self) -> None:
        """Start it and give it an image of the name the shared engine has, with little more than Python."""
        self.network.make()
        with self.network.entered():
            self._start_containerd()
            await self.start()
        self._copy_image()

    async def start(self) -> None:
        """Start it; return when it answers."""
        command = [
            "dockerd",
            f"--data-root={self.folder / 'data'}",
            f"--exec-root={self.folder / 'exec'}",
            f"--pidfile={self.folder / 'pid'}",
            f"--host={self.url}",
            f"--containerd={self.folder / 'exec' / 'containerd.sock'}",
            f"--live-restore={str(self.live_restore).lower()}",
        ]
        self.process = self._launch(command)
        async with asyncio.timeout(ANSWER_LIMIT):
            while not await self._answers():
                assert self.process.poll() is None, f"dockerd ended: {self.log_end()}"
                await asyncio.sleep(0.05)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal that ends it; return when it has ended."""
        assert self.process is not None
        self.process.send_signal(number)
        async with asyncio.timeout(END_LIMIT):
            while self.process.poll() is None:  # noqa: ASYNC110 - its end is outside this loop
                await asyncio.sleep(0.02)

    def hang(self) -> None:
        """Let it stand still: connections are accepted by the kernel, and nothing is answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on where it stood."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def log_end(self) -> str:
        """Return the end of its log."""
        return (self.folder / "log").read_text()[-2000:]

    async def remove(self) -> None:
        """End it with everything it holds; the machine is then as it was before `prepare`."""
        try:
            with self.network.entered():
                await self._empty()
        finally:
            if self.process is not None and self.process.poll() is None:
                await self.stop()
            if self._containerd is not None:
                self._containerd.terminate()
                await asyncio.to_thread(self._containerd.wait, END_LIMIT)
            self._end_processes()
            self.network.remove()
            self._unmount()
            shutil.rmtree(self.folder)

    def _start_containerd(self) -> None:
        """As a service of its own, as distributions run it: one that dockerd starts is killed with it, and
        does not always start again.
        """
        config = self.folder / "containerd.toml"
        config.write_text(CONTAINERD.format(folder=self.folder))
        self._containerd = self._launch(["containerd", f"--config={config}", "--log-level=warn"])

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(1), open_client(self.url) as docker:
                await version(docker)
        except (OSError, EngineError, aiodocker.DockerError):
            return False
        return True

    def _copy_image(self) -> None:
        """A tenth of the image is enough, and copying all of it would take longer than the tests."""
        container = _run("docker", "create", IMAGE).decode().strip()
        other = ["docker", "--host", self.url, "import", "--change", "ENV PATH=/usr/bin:/bin", "-", IMAGE]
        try:
            with (
                subprocess.Popen(["docker", "cp", f"{container}:/usr", "-"], stdout=subprocess.PIPE) as out,
                subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as into,
            ):
                assert out.stdout is not None
                assert into.stdin is not None
                with into.stdin as target:
                    _thin(out.stdout, target)
            assert (out.returncode, into.returncode) == (0, 0), "the image could not be copied"
        finally:
            _run("docker", "rm", "--force", container)

    async def _empty(self) -> None:
        """Remove containers and networks, so that no shim, mount or bridge stays."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.go_on()
        else:
            await self.start()
        async with open_client(self.url) as docker:
            await version(docker)
            for container in await docker.containers.list(all=True):
                await container.delete(force=True)
            for network in await docker.networks.list():
                if network["Name"] not in {"bridge", "host", "none"}:
                    await (await docker.networks.get(network["Id"])).delete()

    def _end_processes(self) -> None:
        """A container's keeper that has outlived its engine is found by the folder on its command line."""
        until = time.monotonic() + END_LIMIT
        while ours := [p for p in psutil.process_iter(["cmdline"]) if self._is_ours(p)]:
            if time.monotonic() > until:
                for process in ours:
                    process.kill()
            time.sleep(0.1)

    def _is_ours(self, process: psutil.Process) -> bool:
        command: list[str] = process.info["cmdline"] or []
        return process.pid != os.getpid() and any(str(self.folder / "exec") in word for word in command)

    def _unmount(self) -> None:
        for mount in reversed(psutil.disk_partitions(all=True)):
            if mount.mountpoint.startswith(f"{self.folder}/"):
                _run("umount", "--lazy", mount.mountpoint)


def _thin(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy the tar of /usr without what no program here reads; with the links Debian's root has to it."""
    with tarfile.open(fileobj=source, mode="r|") as old, tarfile.open(fileobj=target, mode="w|") as new:
        for name in ("bin", "lib", "lib64"):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = tarfile.SYMTYPE, f"usr/{name}"
            new.addfile(link)
        for member in old:
            if not member.name.startswith(LEFT_OUT):
                new.addfile(member, old.extractfile(member) if member.isreg() else None)


def _run(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout
