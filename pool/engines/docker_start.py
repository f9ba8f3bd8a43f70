"""Makes one container, whole or not at all, however the caller goes away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from config import WarmgateError
from pool.engines import docker_containers as containers
from pool.engines.docker_calls import REMOVE_LIMIT, START_LIMIT, limited
from pool.errors import EngineError

if TYPE_CHECKING:
    import aiodocker

    from pool.tasks import Tasks

log = structlog.stdlib.get_logger(__name__)

TIDY_LIMIT = 10.0
"""Seconds that a failed or cancelled start spends on taking back what it has made."""

Created = asyncio.Task[str | WarmgateError]


async def make(docker: aiodocker.Docker, name: str, config: dict[str, Any], tasks: Tasks) -> str:
    """Create and start a container; return its id. `tasks` owns the call that cannot be taken back.

    Raises StartFailed, EngineError. When it raises, or is cancelled, the container is removed again if the
    engine lets us within TIDY_LIMIT.
    """
    # The engine finishes a create call though we no longer listen, and then nobody would know the result.
    creating: Created = tasks.spawn("docker-create", _create(docker, name, config))
    try:
        return await _start(docker, creating)
    except BaseException:
        await _tidy(docker, creating, name)
        raise


async def _create(docker: aiodocker.Docker, name: str, config: dict[str, Any]) -> str | WarmgateError:
    """Create a container. An error is returned, as there may be nobody left to raise it to."""
    try:
        async with limited("create", START_LIMIT):
            return await containers.create(docker, name, config)
    except WarmgateError as error:
        return error


async def _start(docker: aiodocker.Docker, creating: Created) -> str:
    container = await asyncio.shield(creating)
    if isinstance(container, WarmgateError):
        raise container
    async with limited("start", START_LIMIT):
        await containers.run(docker, container)
    return container


async def _tidy(docker: aiodocker.Docker, creating: Created, name: str) -> None:
    """Take back a half-made container as well as it goes; what stays behind shows in the engine's list."""
    try:
        async with asyncio.timeout(TIDY_LIMIT), limited("remove", REMOVE_LIMIT):
            container = await asyncio.shield(creating)
            # When creating was refused, what carries this name is another start's.
            if isinstance(container, str):
                await containers.remove(docker, container)
    except (EngineError, TimeoutError) as error:
        log.info("half_made_container_left", container=name, detail=str(error))
