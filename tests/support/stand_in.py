"""The stand-in for Pluto (tests/julia/README.md), served from a container of the bare Julia image."""

from __future__ import annotations

import asyncio
import io
import tarfile
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import msgpack

from pool.engines.docker_calls import open_client
from pool.engines.engine import LABEL_GATEWAY
from tests.support.leftovers import PREFIX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

JULIA = Path(__file__).parents[1] / "julia"
IMAGE = "warmgate-tests/julia:bullseye"
PORT = 1234
START_LIMIT = 240.0
"""Seconds for precompiling the package, loading it and listening, on a busy machine as well."""

SECRET = "sesame12"
OPEN = "require_secret_for_access=false, require_secret_for_open_links=false"


def unpacked(content: bytes) -> Any:
    return msgpack.unpackb(content, strict_map_key=False)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A server that answers at `base`."""

    base: str
    http: aiohttp.ClientSession

    async def get(self, path: str, **options: Any) -> tuple[int, Mapping[str, str], bytes]:
        async with self.http.get(self.base + path, allow_redirects=False, **options) as answer:
            return answer.status, answer.headers, await answer.read()

    async def opened(self, path: str) -> str:
        """Return the id of a notebook that is open, or is from now on."""
        status, headers, _ = await self.get(f"/open?path={path}")
        assert status == 302
        return headers["Location"].partition("id=")[2]

    async def state(self, notebook_id: str) -> dict[str, Any]:
        status, _, content = await self.get(f"/statefile?id={notebook_id}")
        assert status == 200
        state: dict[str, Any] = unpacked(content)
        return state

    async def until_run(self, notebook_id: str) -> dict[str, Any]:
        async with asyncio.timeout(START_LIMIT):
            while True:
                state = await self.state(notebook_id)
                if state["process_status"] != "starting" and idle(state):
                    return state
                await asyncio.sleep(0.1)


def idle(state: dict[str, Any]) -> bool:
    return not any(cell["queued"] or cell["running"] for cell in state["cell_results"].values())


@asynccontextmanager
async def serving(options: str, notebooks: Mapping[str, str]) -> AsyncIterator[StandIn]:
    """Start a server with these options of Pluto's; its secret is SECRET, and notebooks lie in /nb."""
    told = f'host="0.0.0.0", port={PORT}, launch_browser=false, {options}'
    server = (
        f"using Pluto; options = Pluto.Configuration.from_flat_kwargs(; {told}); "
        f'Pluto.run(Pluto.ServerSession(; secret="{SECRET}", options=options))'
    )
    config: dict[str, Any] = {
        "Image": IMAGE,
        "Cmd": ["julia", "--startup-file=no", "-e", server],
        "WorkingDir": "/root",
        "Env": ["JULIA_LOAD_PATH=/packages:@stdlib", "JULIA_DEPOT_PATH=/root/.julia", "HOME=/root"],
        "Labels": {LABEL_GATEWAY: PREFIX + uuid.uuid4().hex},
        "ExposedPorts": {f"{PORT}/tcp": {}},
        "HostConfig": {
            "Init": True,
            "PortBindings": {f"{PORT}/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]},
        },
    }
    async with (
        open_client(None) as docker,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http,
    ):
        container = await docker.containers.create(config)
        try:
            await container.put_archive("/", _archive(notebooks))  # type: ignore[no-untyped-call]
            await container.start()
            (published,) = (await container.show())["NetworkSettings"]["Ports"][f"{PORT}/tcp"]
            stand_in = StandIn(f"http://127.0.0.1:{published['HostPort']}", http)
            await _until_up(stand_in, container)
            yield stand_in
        finally:
            await container.delete(force=True)


async def _until_up(stand_in: StandIn, container: Any) -> None:
    try:
        async with asyncio.timeout(START_LIMIT):
            while True:
                try:
                    if (await stand_in.get("/ping", timeout=aiohttp.ClientTimeout(total=10)))[2] == b"OK!":
                        return
                except (aiohttp.ClientError, TimeoutError):
                    await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError("".join(await container.log(stdout=True, stderr=True))) from None


def _archive(notebooks: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(JULIA / "packages", "packages")
        for name, text in notebooks.items():
            entry = tarfile.TarInfo(f"nb/{name}")
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()
