"""Exits 0 when a Docker engine answers the way the gateway asks it, else 1."""

from __future__ import annotations

import asyncio
import sys

import aiodocker
import aiohttp

from pool.engines.docker_calls import open_client
from pool.errors import EngineUnavailable

LIMIT = 5.0  # seconds


async def answers() -> bool:
    """Ask the engine that the environment, the Docker context or a usual socket names."""
    try:
        async with asyncio.timeout(LIMIT), open_client(None) as docker:
            await docker.version()
    except (OSError, aiohttp.ClientError, aiodocker.DockerError, EngineUnavailable):
        return False
    return True


if __name__ == "__main__":
    sys.exit(not asyncio.run(answers()))
