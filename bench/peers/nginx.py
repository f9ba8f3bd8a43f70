"""nginx, one worker, with the settings its documentation names for a proxy that passes websockets."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bench.cost import family
from bench.peers.peer import PREFIX, Front
from bench.peers.program import VERSION_LIMIT, output_of, program, until
from bench.running import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.peers.peer import Site

CONFIG = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections {files}; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_max_body_size 0;
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    upstream backend {{ server 127.0.0.1:{backend}; keepalive 64; keepalive_requests 1000000; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_buffering off;
            proxy_request_buffering off;
            proxy_read_timeout 1h;
        }}
    }}
}}
"""
FILES = 16_384
"""Connections on both sides together; more than any measure opens."""


class Nginx:
    """See bench.peers.peer.Peer."""

    name = "nginx"
    whole = False

    async def version(self) -> str:
        """See Peer."""
        return (await output_of(["nginx", "-v"], limit=VERSION_LIMIT)).strip().rpartition("nginx/")[2]

    @asynccontextmanager
    async def front(self, site: Site) -> AsyncIterator[Front]:
        """See Peer. Its master process counts too."""
        port = free_port()
        config = site.folder / "nginx.conf"
        text = CONFIG.format(folder=site.folder, backend=site.backend, port=port, files=FILES)
        config.write_text(text)
        command = ["nginx", "-p", str(site.folder), "-e", "stderr", "-c", str(config)]
        log = site.folder / "nginx.log"
        async with program(command, log=log, port=port, cpu=site.cpus.peer) as process:

            async def has_worker() -> bool:
                return len(family(process.pid)) > 1

            # The master listens before its worker is there, and it is the worker that costs.
            await until(has_worker)
            setup = f"$ {' '.join(command)}\n{text}"
            yield Front(self.name, (f"http://127.0.0.1:{port}{PREFIX}",), family(process.pid), setup)
