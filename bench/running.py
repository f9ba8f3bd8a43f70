"""A gateway in a process of its own, from the installed command, with its state in a folder of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from types import TracebackType

READY_LIMIT = 120.0
"""Seconds until the gateway must have a warm instance in each pool."""
STOP_LIMIT = 40.0
"""Seconds a gateway may take to stop by itself."""
READY = frozenset({"warm", "paused"})
"""States in which an instance can be assigned."""
CONFIG_NAME = "warmgate.toml"
COMMAND = Path(sys.executable).with_name("warmgate")


def free_port() -> int:
    """Return a port of the loopback address that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class RunningGateway:
    """Starts on entering, stops gracefully on leaving and leaves no instance behind."""

    folder: Path
    pools: str
    """The configuration's `[[pools]]`, as TOML."""
    engine: str = "docker"
    budget: str = "auto"
    charge: str = "limit"
    gateway: str = ""
    """More lines of `[gateway]`."""
    start_concurrency: int = 2
    on_stop: str = "remove_all"
    gateway_id: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:12]}")
    wait_ready: bool = True
    program: tuple[str, ...] = (str(COMMAND),)
    environ: dict[str, str] = field(default_factory=dict)
    """Added to the gateway's environment."""
    port: int = field(default_factory=free_port)
    admin_port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def base(self) -> str:
        """The visitors' address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin(self) -> str:
        """The operator's address."""
        return f"http://127.0.0.1:{self.admin_port}"

    @property
    def log(self) -> str:
        """What the gateway has written so far."""
        return (self.folder / "gateway.log").read_text()

    @property
    def config(self) -> Path:
        """The settings' file."""
        return self.folder / CONFIG_NAME

    def write_config(self) -> None:
        """Write the settings of this gateway."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.write_text(f"""
[gateway]
port = {self.port}
admin_port = {self.admin_port}
state_dir = "{self.folder / "state"}"
log_format = "json"
on_stop = "{self.on_stop}"
{self.gateway}
[engine]
name = "{self.engine}"
gateway_id = "{self.gateway_id}"
start_concurrency = {self.start_concurrency}
[memory]
budget = "{self.budget}"
charge = "{self.charge}"
{self.pools}
""")

    async def __aenter__(self) -> Self:
        self.write_config()
        try:
            await self.start()
        except BaseException:
            await self.stop(signal.SIGTERM)
            raise
        return self

    async def start(self) -> None:
        """Start the process; wait until it can serve a visitor unless told otherwise."""
        with (self.folder / "gateway.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.program,
                "serve",
                "--config",
                str(self.config),
                stdout=log,
                stderr=log,
                env=_environment() | self.environ,
            )
        await self.until(lambda: self._answers("/healthz"))
        if self.wait_ready:
            await self.until_ready()

    async def until_ready(self) -> None:
        """Wait until every pool has a warm instance. Raises TimeoutError with the log's end."""
        await self.until(lambda: self._answers("/readyz"))

    async def until(self, what: Any, limit: float = READY_LIMIT) -> None:
        """Wait until the coroutine function `what` returns something true."""
        try:
            async with asyncio.timeout(limit):
                while not await what():
                    if self.process is not None and self.process.returncode is not None:
                        raise RuntimeError(f"the gateway ended: {self.log[-3000:]}")
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise TimeoutError(f"not within {limit} s; the log ends:\n{self.log[-3000:]}") from None

    async def until_quiet(self, warm: int) -> None:
        """Wait until nothing starts or leaves: there are `warm` ready instances and nothing else."""

        async def quiet() -> bool:
            states = [i["state"] for i in await self.instances()]
            return len(states) == warm and set(states) <= READY

        await self.until(quiet)

    async def _answers(self, path: str) -> bool:
        with suppress(aiohttp.ClientError):
            async with aiohttp.ClientSession() as http, http.get(self.base + path) as answer:
                return answer.ok
        return False

    async def admin_json(self, path: str, method: str = "GET", **options: Any) -> Any:
        """Ask the admin port."""
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, self.admin + path, **options) as answer,
        ):
            answer.raise_for_status()
            return await answer.json()

    async def instances(self) -> list[dict[str, Any]]:
        """Return what the gateway says it has."""
        found: list[dict[str, Any]] = (await self.admin_json("/api/instances"))["instances"]
        return found

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; return the exit status."""
        if self.process is None or self.process.returncode is not None:
            return 0
        self.process.send_signal(number)
        async with asyncio.timeout(STOP_LIMIT):
            return await self.process.wait()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.stop()
        except TimeoutError:
            await self.stop(signal.SIGKILL)
            raise


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("WARMGATE_", "PORT"))}
