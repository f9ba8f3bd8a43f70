"""warmgate itself, with a pool whose instances are the server behind."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cpus import kept_to
from bench.peers.peer import Front
from bench.peers.program import VERSION_LIMIT, output_of
from bench.running import COMMAND, RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.peers.peer import Site

BACKEND = Path(__file__).parents[1] / "backend.py"
POOL = """\
[limits]
sessions_per_address = 10000
spawns_per_minute = 10000
[[pools]]
name = "bench"
kind = "generic"
command = ["{python}", "{backend}", "{{ip}}", "{{port}}", "{cpu}"]
sizing = "static"
memory = "64MiB"
warm = {warm}
hot = {warm}
max = {most}
idle_timeout = "1h"
"""


def quick_pool(*, warm: int, most: int, cpu: int) -> str:
    """Return `[limits]` that let everybody in and a pool of instances that start at once on `cpu`."""
    return POOL.format(python=sys.executable, backend=BACKEND, warm=warm, most=most, cpu=cpu)


class Gateway:
    """See bench.peers.peer.Peer."""

    name = "gateway"
    whole = False

    async def version(self) -> str:
        """See Peer."""
        return (
            (await output_of([str(COMMAND), "--version"], limit=VERSION_LIMIT)).split("version ")[-1].strip()
        )

    @asynccontextmanager
    async def front(self, site: Site) -> AsyncIterator[Front]:
        """See Peer. Only the gateway's own process counts; instances move to the load's CPU by themselves."""
        pools = quick_pool(warm=min(1, site.sessions), most=max(1, site.sessions), cpu=site.cpus.load)
        gateway = RunningGateway(
            site.folder, pools, engine="process", start_concurrency=4, wait_ready=site.sessions > 0
        )
        async with AsyncExitStack() as stack:
            with kept_to(site.cpus.peer):
                await stack.enter_async_context(gateway)
            urls = [await _opened(gateway.base) for _ in range(site.sessions)]
            assert gateway.process is not None  # noqa: S101 - it was entered
            setup = f"$ warmgate serve --config warmgate.toml\n{gateway.config.read_text()}"
            yield Front(self.name, tuple(urls), (gateway.process.pid,), setup)


async def _opened(base: str) -> str:
    """Return the address of a new session. It is looked at once: one nobody opens soon ends."""
    async with Visitor(base) as visitor:
        await visitor.spawn_patiently()
        status, _ = await visitor.get("page")
        if status != 200:
            raise RuntimeError(f"a new session answered {status}")
        return visitor.url
