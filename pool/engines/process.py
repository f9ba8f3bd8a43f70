"""Instances as processes of one's own machine: no isolation, for trying things out and for oneself."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from importlib import metadata
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import psutil
import structlog

from pool.engines import process_folder
from pool.engines.engine import Facts
from pool.engines.process_runs import Runs
from pool.errors import EngineError, EngineTimeout, EngineUnavailable
from pool.identity import short
from pool.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable
    from pathlib import Path

    from pool.engines.engine import Address, Died, Found, Launch, Output

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.stdlib.get_logger(__name__)

WATCH_EVERY = 1.0
"""Seconds between two looks at what instances use."""

CALL_LIMIT = 30.0
"""Seconds for any call; only a disk or a process table that hangs takes that long."""

SETTLE_LIMIT = 10.0
"""Seconds a cancelled start waits for the half it has begun, to take it back."""

JUPYTER = ("jupyterlab", "notebook", "jupyter-server", "ipykernel", "ipywidgets")
"""Distributions whose versions tell one Jupyter from another."""

WARNINGS = (
    "Instances run as your own user, without isolation: for yourself, not for visitors you do not trust.",
    "Memory is watched once a second, CPU is not limited, and `egress = none` cannot be kept.",
)
AS_ROOT = "The gateway runs as root, and so does every notebook."


class ProcessEngine:
    """See pool.engines.engine.Engine. `root` is a folder of the gateway's own; `watch_every` is seconds.

    All that blocks (forks, walks over the process table, files) runs in threads.
    """

    def __init__(
        self,
        root: Path,
        gateway_id: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        watch_every: float = WATCH_EVERY,
    ) -> None:
        self.gateway_id = gateway_id
        self._runs = Runs(root / gateway_id, gateway_id, clock)
        self._watch_every = watch_every
        self._tasks = Tasks()
        self._bells: set[asyncio.Event] = set()

    @property
    def name(self) -> str:
        """The word of the configuration."""
        return "process"

    async def connect(self) -> Facts:
        """See Engine. Begins to watch what instances use."""
        await _blocking("connect", self._runs.prepare)
        if not self._tasks:
            self._tasks.spawn("process-watch", self._watch())
        return Facts(
            name=self.name,
            version=await self.resolve(""),
            reach=f"at ports of {process_folder.LOOPBACK}",
            memory_total=psutil.virtual_memory().total,
            warnings=(*WARNINGS, AS_ROOT) if os.geteuid() == 0 else WARNINGS,
        )

    async def close(self) -> None:
        """See Engine. Nobody watches instances from now on, until the next gateway does."""
        await self._tasks.cancel()
        self._runs.let_go()
        self._ring()

    async def resolve(self, image: str) -> str:  # noqa: ARG002 - the same for every image: there are none here
        """See Engine. Names the installed Jupyter, which is what instances are made of."""
        versions = [f"{name}-{version}" for name in JUPYTER if (version := _version(name))]
        return " ".join(versions) or "process"

    async def start(self, launch: Launch) -> Address:
        """See Engine. The port is a free one; it may be taken meanwhile, so that the server cannot listen."""
        work = asyncio.get_running_loop().run_in_executor(None, self._runs.start, launch)
        try:
            async with _limited("start"):
                return await asyncio.shield(work)
        except BaseException:
            # A thread cannot be cancelled; what it has finished can be taken back.
            await self._tidy(work, launch.instance_id)
            raise

    async def destroy(self, instance_id: str) -> None:
        """See Engine. Every process that carries its mark goes, whatever session it has put itself in."""
        await _blocking("destroy", self._runs.destroy, instance_id)
        self._ring()

    async def pause(self, instance_id: str) -> None:
        """See Engine."""
        await _blocking("pause", self._runs.pause, instance_id)

    async def unpause(self, instance_id: str) -> None:
        """See Engine."""
        await _blocking("unpause", self._runs.unpause, instance_id)

    async def measure(self, instance_id: str) -> int:
        """See Engine. Kernel memory is nobody's here."""
        return await _blocking("measure", self._runs.measure, instance_id)

    async def logs(self, instance_id: str, lines: int) -> str:
        """See Engine."""
        return await _blocking("logs", self._runs.logs, instance_id, lines)

    async def output(self, instance_id: str, lines: int, mark: str = "") -> Output:
        """See Engine."""
        return await _blocking("logs", self._runs.output, instance_id, lines, mark)

    async def events(self) -> AsyncGenerator[Died | None, None]:
        """See Engine. An end is noticed by the next look at what instances use."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            yield None
            while self._tasks:
                await bell.wait()
                bell.clear()
                yield None
        finally:
            self._bells.discard(bell)
        raise EngineUnavailable("events: nobody watches")

    async def list(self) -> list[Found]:
        """See Engine."""
        return list(await _blocking("list", self._runs.found))

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    async def _watch(self) -> None:
        while True:
            try:
                if await _blocking("watch", self._runs.watch):
                    self._ring()
            except EngineError as error:
                log.warning("watch_failed", code=error.code, detail=error.detail)
            except Exception:
                # Here a task ends, and with it every memory limit: the next look may go better.
                log.exception("watch_failed")
            await asyncio.sleep(self._watch_every)

    async def _tidy(self, work: asyncio.Future[Address], instance_id: str) -> None:
        """Take back a half-made instance as well as it goes; what stays behind shows in `list`."""
        try:
            async with asyncio.timeout(SETTLE_LIMIT):
                await asyncio.wait([work])
                if work.exception() is None:
                    await self.destroy(instance_id)
        except (EngineError, TimeoutError) as error:
            log.info("half_made_instance_left", instance=short(instance_id), detail=str(error))


@asynccontextmanager
async def _limited(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(CALL_LIMIT):
            yield
    except TimeoutError as error:
        raise EngineTimeout(f"{what}: not done within {CALL_LIMIT:g} s") from error
    except (OSError, psutil.Error) as error:
        raise EngineError(f"{what}: {error}") from error


async def _blocking(what: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    async with _limited(what):
        return await asyncio.to_thread(call, *args, **kwargs)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
