"""configurable-http-proxy, with its route added over its API as JupyterHub does."""

from __future__ import annotations

import os
import secrets
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import aiohttp

from bench.cost import family
from bench.peers.installed import CHP, NODE
from bench.peers.peer import PREFIX, Front
from bench.peers.program import VERSION_LIMIT, listening, output_of, program, until
from bench.running import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.peers.peer import Site

ROUTE_LIMIT = aiohttp.ClientTimeout(total=10.0)
"""For the route to be taken."""


class ConfigurableHttpProxy:
    """See bench.peers.peer.Peer."""

    name = "chp"
    whole = False

    async def version(self) -> str:
        """See Peer."""
        own = await output_of([str(NODE), str(CHP), "--version"], limit=VERSION_LIMIT)
        node = await output_of([str(NODE), "--version"], limit=VERSION_LIMIT)
        return f"{own.strip()} on Node {node.strip().removeprefix('v')}"

    @asynccontextmanager
    async def front(self, site: Site) -> AsyncIterator[Front]:
        """See Peer."""
        port, api_port, token = free_port(), free_port(), secrets.token_hex(16)
        command = [str(NODE), str(CHP), "--ip=127.0.0.1", f"--port={port}"]
        command += ["--api-ip=127.0.0.1", f"--api-port={api_port}", "--log-level=warn"]
        log = site.folder / "chp.log"
        env = os.environ | {"CONFIGPROXY_AUTH_TOKEN": token}
        async with program(command, log=log, port=port, cpu=site.cpus.peer, env=env) as process:
            # It takes visitors before it takes routes.
            await until(partial(listening, api_port))
            target = f"http://127.0.0.1:{site.backend}"
            async with (
                aiohttp.ClientSession(timeout=ROUTE_LIMIT) as http,
                http.post(
                    f"http://127.0.0.1:{api_port}/api/routes{PREFIX}",
                    json={"target": target},
                    headers={"Authorization": f"token {token}"},
                ) as answer,
            ):
                answer.raise_for_status()
            setup = f"$ {' '.join(command)}\nPOST /api/routes{PREFIX} {{'target': '{target}'}}"
            yield Front(self.name, (f"http://127.0.0.1:{port}{PREFIX}",), family(process.pid), setup)
