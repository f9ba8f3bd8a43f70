"""A program that runs beside the benchmark, from its start to its end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import psutil

from bench.cpus import kept_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

START_LIMIT = 30.0
"""Seconds until a program must take connections."""
STOP_LIMIT = 15.0
"""Seconds a program may take to end by itself."""
VERSION_LIMIT = 20.0
"""Seconds a program may take to tell its version."""
LOOK_EVERY = 0.05
"""Seconds between two looks whether a program has got so far."""


@asynccontextmanager
async def program(
    command: Sequence[str],
    *,
    log: Path,
    port: int,
    cpu: int | None,
    env: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command in a folder and on one CPU until the context ends; it is entered once `port` takes
    connections. A Ctrl-C is not its concern: it ends in its turn.

    Raises RuntimeError with the log's end when the program ends too soon, TimeoutError when it is too slow.
    """
    with log.open("wb") as output, kept_to(cpu):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=output, stderr=output, env=env, cwd=folder, start_new_session=True
        )
    try:
        await _until_listening(process, port, log)
        yield process
    finally:
        await end(process)


async def _until_listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async def there() -> bool:
        if process.returncode is not None:
            raise RuntimeError(f"it ended with status {process.returncode}: {_end_of(log)}")
        return await listening(port)

    try:
        await until(there)
    except TimeoutError as error:
        raise TimeoutError(f"{error}: {_end_of(log)}") from None


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a program has got so far. Raises TimeoutError after START_LIMIT."""
    try:
        async with asyncio.timeout(START_LIMIT):
            while not await what():  # noqa: ASYNC110 - a program, not our own task
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise TimeoutError(f"not ready within {START_LIMIT:g} s") from None


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


async def listening(port: int) -> bool:
    """Return whether something takes connections at a port of the loopback address."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def end(process: asyncio.subprocess.Process) -> None:
    """End a program, by force if it does not by itself, and what it has started and not ended."""
    if process.returncode is not None:
        return
    started = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        async with asyncio.timeout(STOP_LIMIT):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
    for child in started:
        with suppress(psutil.NoSuchProcess):
            child.kill()


async def output_of(command: Sequence[str], *, limit: float, cpu: int | None = None) -> str:
    """Run a command to its end and return what it printed. Raises RuntimeError with its errors when it fails,
    TimeoutError after `limit` seconds.
    """
    with kept_to(cpu):
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        async with asyncio.timeout(limit):
            output, _ = await process.communicate()
    except TimeoutError:
        raise TimeoutError(f"not done within {limit:g} s: {' '.join(command)}") from None
    finally:
        await end(process)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {process.returncode}: {output.decode()[-1500:]}")
    return output.decode()


def module(name: str, *arguments: object) -> list[str]:
    """Return the command that runs one of our own programs."""
    return [sys.executable, "-m", name, *map(str, arguments)]
