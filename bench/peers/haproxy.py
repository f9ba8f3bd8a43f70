"""HAProxy, one thread."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bench.cost import family
from bench.peers.peer import PREFIX, Front
from bench.peers.program import VERSION_LIMIT, output_of, program
from bench.running import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.peers.peer import Site

CONFIG = """\
global
    nbthread 1
    maxconn {connections}
defaults
    mode http
    option forwardfor
    http-reuse always
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    timeout tunnel 1h
frontend visitors
    bind 127.0.0.1:{port} backlog 4096
    default_backend server
backend server
    server one 127.0.0.1:{backend}
"""
CONNECTIONS = 6_000
"""Visitors' connections; more than any measure opens."""


class Haproxy:
    """See bench.peers.peer.Peer."""

    name = "haproxy"
    whole = False

    async def version(self) -> str:
        """See Peer."""
        return (await output_of(["haproxy", "-v"], limit=VERSION_LIMIT)).split()[2]

    @asynccontextmanager
    async def front(self, site: Site) -> AsyncIterator[Front]:
        """See Peer."""
        port = free_port()
        config = site.folder / "haproxy.cfg"
        text = CONFIG.format(backend=site.backend, port=port, connections=CONNECTIONS)
        config.write_text(text)
        command = ["haproxy", "-db", "-f", str(config)]
        log = site.folder / "haproxy.log"
        async with program(command, log=log, port=port, cpu=site.cpus.peer) as process:
            setup = f"$ {' '.join(command)}\n{text}"
            yield Front(self.name, (f"http://127.0.0.1:{port}{PREFIX}",), family(process.pid), setup)
