"""Builds images as an author would, by the command; what a test has made is gone when it ends."""

from __future__ import annotations

import asyncio
import functools
import http.server
import threading
import time
import uuid
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiodocker

from bench.running import COMMAND
from pool.building.own.context import NAME
from pool.building.sweep import LABEL_BUILD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

LIMIT = 300.0
"""Seconds one build may take."""


@dataclass(slots=True)
class Author:
    """Somebody at a terminal, with an engine."""

    docker: aiodocker.Docker
    tags: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    def new_tag(self) -> str:
        """Return the name of an image that is not there yet."""
        self.tags.append(f"warmgate-tests/{uuid.uuid4().hex}")
        return self.tags[-1]

    async def builds(self, *words: str | Path) -> tuple[int | None, str]:
        """Run `warmgate build …` to its end; return its exit status and what it said."""
        async with typed("build", *words) as process, asyncio.timeout(LIMIT):
            said, _ = await process.communicate()
            return process.returncode, said.decode()

    async def layers(self, tag: str) -> list[str]:
        """Return an image's layers by their content, the lowest first."""
        layers: list[str] = (await self.docker.images.inspect(tag))["RootFS"]["Layers"]
        return layers

    async def runs(self, tag: str, *command: str) -> str:
        """Run a program in a container of the image as an instance would run; return its output."""
        host: dict[str, Any] = {
            "ReadonlyRootfs": True,
            "NetworkMode": "none",
            "CapDrop": ["ALL"],
            "Memory": 512 * 2**20,
            "PidsLimit": 256,
            "Tmpfs": {"/tmp": "", "/home/jovyan": "exec,uid=1000,gid=1000,mode=0700"},
        }
        config: dict[str, Any] = {
            "Image": tag,
            "Cmd": list(command),
            "HostConfig": host,
            "Labels": {"warmgate.gateway": "test-image"},
        }
        container = await self.docker.containers.run(config)
        try:
            async with asyncio.timeout(60):
                await container.wait()
            return "".join(await container.log(stdout=True, stderr=True))
        finally:
            await container.delete(force=True)

    async def unfinished(self, image: str = NAME) -> list[str]:
        """Return what builds of an image have left: half ones, and containers that run a step."""
        filters = {"label": [f"{LABEL_BUILD}={image}"]}
        images = await self.docker.images.list(filters={**filters, "dangling": ["true"]})
        containers = await self.docker.containers.list(all=True, filters=filters)
        return [image["Id"] for image in images] + [container.id for container in containers]

    async def forget(self) -> None:
        """Remove the images, and the stages they were made with."""
        for tag in self.tags:
            with suppress(aiodocker.DockerError):
                await self.docker.images.delete(tag, force=True)
        filters = {"dangling": ["true"], "label": [f"{LABEL_BUILD}="]}
        for image in await self.docker.images.list(filters=filters):
            if image["Created"] >= self.began - 1:
                with suppress(aiodocker.DockerError):
                    await self.docker.images.delete(image["Id"])


@asynccontextmanager
async def an_author() -> AsyncIterator[Author]:
    """Be an author for a while."""
    async with aiodocker.Docker() as docker:
        author = Author(docker)
        try:
            yield author
        finally:
            await author.forget()


@asynccontextmanager
async def typed(*words: str | Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command; what still runs at the end is ended."""
    process = await asyncio.create_subprocess_exec(
        COMMAND, *map(str, words), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def bridge_address(docker: aiodocker.Docker) -> str:
    """Return the address at which a container of a build reaches this machine."""
    network: dict[str, Any] = await (await docker.networks.get("bridge")).show()
    return str(network["IPAM"]["Config"][0]["Gateway"])


class Shelf(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word; what is below `/never` never comes."""

    asked: threading.Event
    closing: threading.Event

    def do_GET(self) -> None:
        if self.path.startswith("/never"):
            self.asked.set()
            self.closing.wait(LIMIT)
            return
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        pass


@dataclass(frozen=True, slots=True)
class Served:
    """Where files are served, and whether somebody waits for what never comes."""

    url: str
    asked: threading.Event


@contextmanager
def served(folder: Path, address: str) -> Iterator[Served]:
    """Serve a folder's files by HTTP."""
    asked, closing = threading.Event(), threading.Event()
    handler = type("Handler", (Shelf,), {"asked": asked, "closing": closing})
    server = http.server.ThreadingHTTPServer((address, 0), functools.partial(handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Served(f"http://{address}:{server.server_port}", asked)
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
