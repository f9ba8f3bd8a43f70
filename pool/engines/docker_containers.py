"""Single steps on containers of a Docker engine. Errors are aiodocker's; limits are the caller's."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiodocker

from pool.engines import docker_read
from pool.engines.docker_calls import CONFLICT, NO_ANSWER, NOT_FOUND
from pool.errors import EngineError, ImageMissing, StartFailed

if TYPE_CHECKING:
    from pool.engines.docker_read import Summary

GONE_EVERY = 0.2
"""Seconds between two looks at a removal that is under way."""

LOG_CHARACTERS = 64 * 1024
"""The most of a container's output that is returned, however long its lines are."""


async def listed(docker: aiodocker.Docker, *labels: str) -> tuple[Summary, ...]:
    """Return all containers, running or not, that carry all of `labels`, each as `name=value`."""
    filters = json.dumps({"label": list(labels)})
    containers = await docker.containers.list(all=True, filters=filters)
    return docker_read.summaries([container._container for container in containers])  # noqa: SLF001 - no other way


async def image(docker: aiodocker.Docker, name: str) -> tuple[str, str]:
    """Return an image's id and its user. Raises ImageMissing."""
    try:
        answer = await docker.images.inspect(name)
    except aiodocker.DockerError as error:
        if error.status == NOT_FOUND:
            raise ImageMissing(f"image {name} is not there") from error
        raise
    return answer["Id"], (answer.get("Config") or {}).get("User") or ""


async def create(docker: aiodocker.Docker, name: str, config: dict[str, Any]) -> str:
    """Create a container and return its id. Raises StartFailed when the engine refuses the configuration."""
    try:
        container = await docker.containers.create(config, name=name)
    except aiodocker.DockerError as error:
        raise _start_error(error) from error
    return container.id


async def run(docker: aiodocker.Docker, container: str) -> None:
    """Start a created container. Raises StartFailed when its program, network or limits cannot be had."""
    try:
        await docker.containers.container(container).start()
    except aiodocker.DockerError as error:
        raise _start_error(error) from error


def _start_error(error: aiodocker.DockerError) -> Exception:
    # Whatever the engine itself answers is about this one instance; the rest is about the connection.
    return StartFailed(error.message) if error.status < NO_ANSWER else error


async def out_of_memory(docker: aiodocker.Docker, container: str) -> bool:
    """Return whether the kernel ended it for passing its memory limit; False when it is gone."""
    try:
        answer = await docker.containers.container(container).show()
    except aiodocker.DockerError as error:
        if error.status == NOT_FOUND:
            return False
        raise
    state = answer["State"]
    return docker_read.ended_for_memory(
        limit_passed=bool(state.get("OOMKilled")), exit_code=int(state.get("ExitCode") or 0)
    )


async def freeze(docker: aiodocker.Docker, container: str, *, paused: bool) -> None:
    """Pause or unpause. Raises EngineError when it neither is so already nor can become so."""
    target = docker.containers.container(container)
    try:
        await (target.pause() if paused else target.unpause())
    except aiodocker.DockerError as error:
        if error.status == NOT_FOUND:
            raise EngineError("it is not there") from error
        # The status of "is already so" differs from engine to engine; what it is now does not.
        state = (await target.show())["State"]
        if not (state.get("Running") and bool(state.get("Paused")) is paused):
            raise


async def remove(docker: aiodocker.Docker, container: str) -> None:
    """Kill and remove, and return when it is gone. Volumes its image declares go with it."""
    target = docker.containers.container(container)
    while True:
        try:
            await target.delete(force=True, v=True)
        except aiodocker.DockerError as error:
            if error.status == NOT_FOUND:
                return
            if error.status != CONFLICT:
                raise
        else:
            return
        # Somebody else's removal is under way.
        await asyncio.sleep(GONE_EVERY)


async def output(docker: aiodocker.Docker, container: str, lines: int) -> str:
    """Return the last lines of both outputs; empty when it is gone or has never run."""
    try:
        pieces = await docker.containers.container(container).log(stdout=True, stderr=True, tail=lines)
    except aiodocker.DockerError as error:
        if error.status in {NOT_FOUND, CONFLICT}:
            return ""
        raise
    return "".join(pieces)[-LOG_CHARACTERS:]
