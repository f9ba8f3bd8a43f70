"""What a test needs around an engine: instances to start, and ways to look into them and to end them."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from pool.engines.engine import LABEL_POOL, Launch, Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from pool.engines.engine import Address, Engine

SERVER = (Path(__file__).parent / "instance_server.py").read_text()
MIB = 2**20
PATIENCE = 30.0  # seconds until something that must happen is given up
LOOK_EVERY = 0.05  # seconds


def new_gateway_id() -> str:
    return f"test-{uuid.uuid4().hex[:10]}"


def new_instance_id() -> str:
    return uuid.uuid4().hex[:16]


def launch(**changes: Any) -> Launch:
    """Return a launch of the test server."""
    values = Launch(
        instance_id=new_instance_id(),
        labels={LABEL_POOL: "demo", "warmgate.adopt": '{"kind":"generic"}'},
        image="warmgate/jupyter",
        command=("python", "-c", SERVER, "{ip}", "{port}", "{token}"),
        env={"GREETING": "port {port} of {ip}"},
        port=8888,
        memory=256 * MIB,
        cpus=1.0,
        pids=64,
        tmpfs=("/home/jovyan", "/tmp"),
    )
    return replace(values, **changes)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not await holds():  # noqa: ASYNC110 - what is waited for is outside this process
            await asyncio.sleep(LOOK_EVERY)


class Rig:
    """One engine under test, with real instances. A subclass makes the engine."""

    def __init__(self) -> None:
        self.gateway_id = new_gateway_id()
        self.engines: list[Engine] = []

    def make(self, gateway_id: str) -> Engine:
        raise NotImplementedError

    @asynccontextmanager
    async def running(self, gateway_id: str = "") -> AsyncIterator[Engine]:
        """Yield a connected engine; afterwards nothing of its gateway is left."""
        engine = self.make(gateway_id or self.gateway_id)
        await engine.connect()
        try:
            yield engine
        finally:
            await self.clear(engine)
            await engine.close()

    async def clear(self, engine: Engine) -> None:
        """Remove what is found until nothing is."""
        while found := await engine.list():
            await asyncio.gather(*(engine.destroy(item.instance_id) for item in found))

    async def start(self, engine: Engine, **changes: Any) -> tuple[str, Address]:
        """Start an instance and wait for its server."""
        what = launch(**changes)
        address = await engine.start(what)
        await until(lambda: self.answers(address))
        return what.instance_id, address

    async def answers(self, address: Address) -> bool:
        try:
            await self.told(address)
        except (aiohttp.ClientError, TimeoutError):
            return False
        return True

    async def told(self, address: Address) -> dict[str, Any]:
        """Return the server's arguments and environment."""
        answer: dict[str, Any] = await self._ask(address, None)
        return answer

    async def run(self, address: Address, source: str) -> Any:
        """Run Python in the instance and return its `result`."""
        return await self._ask(address, source)

    async def write(self, address: Address, *, out: str = "", err: str = "") -> None:
        """Let an instance write to its two outputs."""
        await self.run(
            address,
            f"import sys; sys.stdout.write({out!r}); sys.stdout.flush(); sys.stderr.write({err!r}); "
            "sys.stderr.flush()",
        )

    async def status(self, engine: Engine, instance_id: str) -> Status | None:
        """Return what the engine says of one instance; None when it is not listed."""
        return {item.instance_id: item.status for item in await engine.list()}.get(instance_id)

    async def end(self, address: Address) -> None:
        """Let an instance's process end by itself."""
        try:
            await self.run(address, "import os; os._exit(3)")
        except aiohttp.ClientError:
            return

    async def pass_memory_limit(self, address: Address, limit: int) -> None:
        """Let an instance use more than it may."""
        try:
            await self.run(address, f"keep = bytearray(b'x') * {limit + 64 * MIB}")
        except (aiohttp.ClientError, TimeoutError):
            return

    async def _ask(self, address: Address, source: str | None) -> Any:
        url = f"http://{address.host}:{address.port}/"
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as http:
            call = http.get(url) if source is None else http.post(url, data=source)
            async with call as answer:
                return json.loads(await answer.text())
