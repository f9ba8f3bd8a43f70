"""Websockets that are open and silent. A program of its own: prints a line once all are open, and keeps them
until its standard input ends.

`python -m bench.load.hold CONNECTIONS URL…`: they are shared out evenly among the addresses.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import cycle, islice

import uvloop

from bench.load.echo import Client
from bench.load.url import Where, where

OPEN_LIMIT = 60.0
"""Seconds all may take to open."""
TOGETHER = 50
"""Handshakes under way at once: more would only overflow the listener's queue."""


async def hold(to: list[Where], connections: int) -> None:
    """Open them, tell, wait, and cut them. Raises ConnectionError when one was lost meanwhile."""
    loop = asyncio.get_running_loop()
    free = asyncio.Semaphore(TOGETHER)

    async def one(to: Where) -> Client:
        async with free:
            _, client = await loop.create_connection(lambda: Client(to, b"", 0), to.host, to.port)
            await client.opened
            return client

    async with asyncio.timeout(OPEN_LIMIT), asyncio.TaskGroup() as group:
        opening = [group.create_task(one(to)) for to in islice(cycle(to), connections)]
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    clients = [task.result() for task in opening]
    lost = sum(client.lost.done() for client in clients)
    for client in clients:
        client.close()
    if lost:
        raise ConnectionError(f"{lost} of {connections} websockets were lost")


def main() -> None:
    """Hold what the command line says."""
    uvloop.run(hold([where(url) for url in sys.argv[2:]], int(sys.argv[1])))


if __name__ == "__main__":
    main()
