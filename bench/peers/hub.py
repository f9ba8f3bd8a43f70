"""JupyterHub with DockerSpawner and tmpauthenticator: a visitor's container starts when they come."""

from __future__ import annotations

import os
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiodocker
import aiohttp

from bench.cost import family
from bench.notebook import ENTRY, MEMORY
from bench.peers.hub_image import TAG
from bench.peers.installed import CHP, NODE, PYTHON
from bench.peers.peer import Front
from bench.peers.program import VERSION_LIMIT, output_of, program, until
from bench.running import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.peers.peer import Site

CONFIG = Path(__file__).with_name("jupyterhub_config.py")
PREFIX = "warmgate-bench-hub"
"""Names of its containers begin so."""
DISTRIBUTIONS = ("jupyterhub", "dockerspawner", "jupyterhub-tmpauthenticator")


@dataclass(frozen=True, slots=True)
class Hub:
    """One that runs."""

    base: str
    """Where visitors go, without a slash at the end."""
    token: str
    """Of a service that may speak to every visitor's server and stop it."""
    pid: int
    setup: str


@asynccontextmanager
async def running_hub(folder: Path, cpu: int | None = None) -> AsyncIterator[Hub]:
    """Run JupyterHub and its proxy in a folder until the context ends; remove what it may have left."""
    port, token = free_port(), secrets.token_hex(16)
    told = {
        "BENCH_BIND_URL": f"http://127.0.0.1:{port}",
        "BENCH_HUB_IP": await _bridge_address(),
        "BENCH_HUB_PORT": str(free_port()),
        "BENCH_PROXY_API": f"http://127.0.0.1:{free_port()}",
        "BENCH_NODE": str(NODE),
        "BENCH_CHP": str(CHP),
        "BENCH_IMAGE": TAG,
        "BENCH_PREFIX": PREFIX,
        "BENCH_MEMORY": str(MEMORY),
        "BENCH_ENTRY": f"/{ENTRY}",
    }
    env = os.environ | told | {"BENCH_TOKEN": token}
    command = [str(PYTHON), "-m", "jupyterhub", "--config", str(CONFIG)]
    setup = "\n".join([*(f"{name}={value}" for name, value in told.items()), f"$ {' '.join(command)}"])
    try:
        log = folder / "jupyterhub.log"
        async with program(command, log=log, port=port, cpu=cpu, env=env, folder=folder) as process:
            hub = Hub(f"http://127.0.0.1:{port}", token, process.pid, f"{setup}\n{_config()}")
            await until(partial(_healthy, hub.base))
            yield hub
    finally:
        await _remove_containers()


def _config() -> str:
    return CONFIG.read_text()


async def _healthy(base: str) -> bool:
    """Return whether the hub answers behind its proxy."""
    async with aiohttp.ClientSession() as http, http.get(f"{base}/hub/health") as answer:
        return answer.ok


async def _bridge_address() -> str:
    """Return the host's address on Docker's default network. Raises RuntimeError without an engine."""
    try:
        async with aiodocker.Docker() as docker:
            network = await (await docker.networks.get("bridge")).show()
    except (aiodocker.DockerError, ValueError) as error:
        raise RuntimeError(f"DockerSpawner needs a Docker engine, and none answers: {error}") from None
    return str(network["IPAM"]["Config"][0]["Gateway"])


async def _remove_containers() -> None:
    async with aiodocker.Docker() as docker:
        for container in await docker.containers.list(all=True, filters={"name": [f"^/{PREFIX}-"]}):
            await container.delete(force=True)


class JupyterHub:
    """See bench.peers.peer.Peer."""

    name = "jupyterhub"
    whole = True

    async def version(self) -> str:
        """See Peer."""
        code = f"from importlib.metadata import version; print(*map(version, {DISTRIBUTIONS}))"
        told = await output_of([str(PYTHON), "-c", code], limit=VERSION_LIMIT)
        return ", ".join(f"{name} {number}" for name, number in zip(DISTRIBUTIONS, told.split(), strict=True))

    @asynccontextmanager
    async def front(self, site: Site) -> AsyncIterator[Front]:
        """See Peer. Its proxy counts too."""
        async with running_hub(site.folder, site.cpus.peer) as hub:
            yield Front(self.name, (f"{hub.base}/",), family(hub.pid), hub.setup)
