"""Instances as containers of a Docker engine, 20.10 or later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aiodocker
import aiohttp
import structlog

from pool.engines import docker_containers as containers
from pool.engines import docker_output, docker_read
from pool.engines.docker_calls import (
    CHANGE_LIMIT,
    LOOK_LIMIT,
    NOT_FOUND,
    REMOVE_LIMIT,
    event_stream,
    limited,
    open_client,
    said,
    stats,
    version,
)
from pool.engines.docker_network import WORDS, Networks, is_local
from pool.engines.docker_profile import container_config, container_name
from pool.engines.docker_start import make
from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE, Facts, Output, Status
from pool.errors import EngineError, EngineUnavailable, StartFailed
from pool.identity import short
from pool.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from pool.engines.engine import Address, Died, Found, Launch, MemoryKill

log = structlog.stdlib.get_logger(__name__)

EVENTS = ("die", "oom", "kill", "destroy")
"""What an engine calls the ways an instance can end."""


class DockerEngine:
    """See pool.engines.engine.Engine. `url` empty: DOCKER_HOST, Docker's context, or a usual socket.

    `local` tells whether a bridge (its name, its address) is this machine's; tests bring their own answer.
    """

    def __init__(
        self, gateway_id: str, *, url: str = "", local: Callable[[str, str], bool] = is_local
    ) -> None:
        self.gateway_id = gateway_id
        self._ours = f"{LABEL_GATEWAY}={gateway_id}"
        self._url = url
        self._docker: aiodocker.Docker | None = None
        self._networks = Networks(gateway_id, local)
        self._cpus = 1
        self._tasks = Tasks()
        self._streams: set[aiohttp.ClientResponse] = set()
        self._containers: dict[str, str] = {}
        """Container by instance id, for those seen with our label. Neither id is ever reused, so an entry may
        be out of date but never wrong.
        """

    @property
    def name(self) -> str:
        """The word of the configuration."""
        return "docker"

    @property
    def _client(self) -> aiodocker.Docker:
        if self._docker is None:
            raise EngineUnavailable("not connected")
        return self._docker

    async def connect(self) -> Facts:
        """See Engine. Makes the network of instances that have no way out."""
        docker = self._docker or open_client(self._url or None)
        try:
            async with limited("connect", LOOK_LIMIT):
                told = await version(docker)
                info = await docker.system.info()
        except BaseException:
            if docker is not self._docker:
                await docker.close()
            raise
        self._docker = docker
        self._cpus = int(info.get("NCPU") or 1)
        reach = await self._networks.prepare(docker)
        return Facts(
            name=self.name,
            version=str(told.get("Version", "")),
            reach=WORDS[reach],
            memory_total=int(info.get("MemTotal") or 0),
            warnings=docker_read.warnings(info),
        )

    async def close(self) -> None:
        """See Engine. Networks that are in use stay."""
        docker, self._docker = self._docker, None
        if docker is None:
            return
        await self._tasks.cancel()
        for answer in self._streams:
            # Closing the session would leave their readers waiting for ever.
            answer.close()
        try:
            await self._networks.remove_unused(docker)
        except EngineError as error:
            log.info("networks_left", code=error.code, detail=error.detail)
        finally:
            await docker.close()

    async def resolve(self, image: str) -> str:
        """See Engine. An image's id is the digest of its configuration, which names all its content."""
        async with limited("image", LOOK_LIMIT):
            return (await containers.image(self._client, image))[0]

    async def start(self, launch: Launch) -> Address:
        """See Engine. When its process ends at once the container stays, so that its output can be read."""
        docker = self._client
        async with limited("image", LOOK_LIMIT):
            _, image_user = await containers.image(docker, launch.image)
        network = await self._networks.ensure(docker, launch.egress)
        config = container_config(
            launch,
            gateway_id=self.gateway_id,
            network=network,
            reach=self._networks.reach,
            image_user=image_user,
            cpus=self._cpus,
        )
        try:
            name = container_name(self.gateway_id, launch.instance_id)
            self._containers[launch.instance_id] = await make(docker, name, config, self._tasks)
        except BaseException:
            # It may have been for a network that somebody removed.
            self._networks.forget()
            raise
        async with limited("list", LOOK_LIMIT):
            for summary in await self._find(launch.instance_id):
                if (address := docker_read.address(summary)) is not None:
                    return address
        raise StartFailed("its process ended at once")

    async def destroy(self, instance_id: str) -> None:
        """See Engine. Volumes that an image declares go too."""
        async with limited("remove", REMOVE_LIMIT):
            for summary in await self._find(instance_id):
                await containers.remove(self._client, summary.id)
        self._containers.pop(instance_id, None)

    async def pause(self, instance_id: str) -> None:
        """See Engine."""
        async with limited("pause", CHANGE_LIMIT):
            await containers.freeze(self._client, await self._present(instance_id), paused=True)

    async def unpause(self, instance_id: str) -> None:
        """See Engine."""
        async with limited("unpause", CHANGE_LIMIT):
            await containers.freeze(self._client, await self._present(instance_id), paused=False)

    async def measure(self, instance_id: str) -> int:
        """See Engine."""
        async with limited("stats", LOOK_LIMIT):
            container = await self._container(instance_id)
            try:
                return docker_read.memory(await stats(self._client, container)) if container else 0
            except aiodocker.DockerError as error:
                if error.status == NOT_FOUND:
                    return 0
                raise

    async def logs(self, instance_id: str, lines: int) -> str:
        """See Engine. Both outputs, in the engine's order."""
        async with limited("logs", LOOK_LIMIT):
            container = await self._container(instance_id)
            return await containers.output(self._client, container, lines) if container else ""

    async def output(self, instance_id: str, lines: int, mark: str = "") -> Output:
        """See Engine. Both outputs, in the engine's order."""
        async with limited("logs", LOOK_LIMIT):
            container = await self._container(instance_id)
            if not container:
                return Output("", mark)
            return await docker_output.read_on(self._client, container, lines, mark)

    async def events(self) -> AsyncGenerator[Died | MemoryKill | None, None]:
        """See Engine. A stream that is silent may also be dead, so nobody should rely on it alone."""
        filters = {"type": ["container"], "label": [self._ours], "event": list(EVENTS)}
        async with event_stream(self._client, json.dumps(filters)) as answer:
            self._streams.add(answer)
            killed: set[str] = set()
            try:
                yield None
                while line := await answer.content.readline():
                    yield docker_read.event(line, killed)
            except (aiohttp.ClientError, OSError) as error:
                raise EngineUnavailable(f"events: {said(error)}") from error
            finally:
                self._streams.discard(answer)
        raise EngineUnavailable("events: the engine ended the stream")

    async def list(self) -> list[Found]:
        """See Engine. One call, and one more for each instance that has ended."""
        before = set(self._containers)
        found: list[Found] = []
        async with limited("list", LOOK_LIMIT):
            for summary in await containers.listed(self._client, self._ours):
                self._containers[summary.instance_id] = summary.id
                before.discard(summary.instance_id)
                ended = docker_read.status(summary) is Status.EXITED
                killed = ended and await containers.out_of_memory(self._client, summary.id)
                found.append(docker_read.found(summary, out_of_memory=killed))
        for instance_id in before:
            self._containers.pop(instance_id, None)
        return found

    async def _find(self, instance_id: str) -> tuple[docker_read.Summary, ...]:
        return await containers.listed(self._client, self._ours, f"{LABEL_INSTANCE}={instance_id}")

    async def _container(self, instance_id: str) -> str:
        """Return its container, or an empty string when it has none that is provably ours."""
        if instance_id not in self._containers:
            for summary in await self._find(instance_id):
                self._containers[instance_id] = summary.id
        return self._containers.get(instance_id, "")

    async def _present(self, instance_id: str) -> str:
        if not (container := await self._container(instance_id)):
            raise EngineError(f"instance {short(instance_id)} is not there")
        return container
