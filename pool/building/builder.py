"""Builds images on a Docker engine, and leaves nothing behind but them and its cache."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import aiohttp
from aiodocker.exceptions import DockerError, DockerStreamError

from pool.building.errors import ImageBuildFailed
from pool.building.made import LABEL_IMAGE, look
from pool.building.output import OutputReader
from pool.building.sweep import LABEL_BUILD, Traces, labelled, sweep
from pool.engines.docker_calls import NO_ANSWER, open_client
from pool.errors import EngineError, EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping

    import aiodocker

    from pool.building.context import BuildContext
    from pool.building.output import BuildProgress

LABEL_CONTEXT = "warmgate.context"
LABEL_ARGUMENTS = "warmgate.arguments"

BUILD_LIMIT = 1800.0  # seconds for a whole build, downloads included
SILENCE_LIMIT = 300.0  # seconds without a line of output


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build, and under which tag.

    `build_args` are the Dockerfile's ARGs (`BASE`: the image everything starts from). `ca_bundle` is PEM;
    the Dockerfile uses it in a stage that does not become part of the image.
    """

    context: BuildContext
    tag: str
    build_args: Mapping[str, str] = field(default_factory=dict)
    ca_bundle: bytes = field(default=b"", repr=False)
    known_by: BuildContext | None = None
    """What the image is known again by, where that is not everything it is built from."""
    passing_args: Mapping[str, str] = field(default_factory=dict)
    """ARGs that say how to build and not what: the image is not known by them."""
    time_limit: float | None = None
    """Seconds for the whole build, where it is one that takes longer or shorter than usual."""
    keeps_stages: bool = True
    """Whether the stages stay as the engine's cache: not where they are large and seldom of use again."""
    anew: bool = False
    """Whether nothing is taken from the engine's cache."""

    def sent(self) -> BuildContext:
        """Return what the engine gets: with labels in the Dockerfile, by which the image is not known."""
        files = self.context.files
        text = labelled(files["Dockerfile"].decode(), self.context.name, keep_stages=self.keeps_stages)
        return replace(self.context, files={**files, "Dockerfile": text.encode()})

    def labels(self) -> dict[str, str]:
        """Return the labels by which the finished image is known again; of arguments only their names."""
        arguments = {LABEL_ARGUMENTS: " ".join(sorted(self.build_args))} if self.build_args else {}
        return {
            LABEL_IMAGE: self.context.name,
            LABEL_CONTEXT: (self.known_by or self.context).digest(self.build_args),
            **arguments,
        }


class ImageBuilder:
    """Builds and recognises images. The connection belongs to the caller; `clock` counts seconds."""

    def __init__(self, docker: aiodocker.Docker, clock: Callable[[], float]) -> None:
        self.docker = docker
        self.clock = clock
        self.unswept: list[Traces] = []
        """Of builds that have left something: not finished, or finished with stages that are not kept."""

    async def needs_build(self, request: BuildRequest) -> bool:
        """Tell whether the tag is missing, or was built by us from other files or arguments.

        Left as they are: an image of that name without our labels (it is somebody's own), and one that was
        built with arguments when none are asked for (who chose them builds it again).
        Raises EngineUnavailable, EngineTimeout, EngineError.
        """
        found = await look(self.docker, request.tag)
        if found is None:
            return True
        labels = found.labels
        if LABEL_CONTEXT not in labels or (LABEL_ARGUMENTS in labels and not request.build_args):
            return False
        return labels[LABEL_CONTEXT] != request.labels()[LABEL_CONTEXT]

    async def build(self, request: BuildRequest) -> AsyncGenerator[BuildProgress, None]:
        """Build, telling each line as it comes; the image is there when the iterator ends.

        Wrap it in `contextlib.aclosing`. What stops a build that was left early, or took too long, is the end
        of the connection: close the Docker client. Raises ImageBuildFailed with the last lines of output,
        EngineUnavailable when the engine goes away.
        """
        reader, traces = OutputReader(self.clock), Traces()
        self.unswept.append(traces)
        deadline = self.clock() + (BUILD_LIMIT if request.time_limit is None else request.time_limit)
        stream = self._stream(request)
        try:
            async with aclosing(stream):
                while True:
                    limit = min(SILENCE_LIMIT, deadline - self.clock())
                    async with asyncio.timeout(limit):
                        item = await anext(stream, None)
                    if item is None:
                        break
                    for progress in reader.read(item):
                        traces.see(progress.text)
                        yield progress
            if not reader.image_id:
                # The client takes a lost connection for the stream's end.
                raise EngineUnavailable(reader.told("the engine went away during the build; last lines:"))
            if request.keeps_stages:
                self.unswept.remove(traces)
        except TimeoutError as error:
            raise ImageBuildFailed(reader.told("the build took too long; last lines:")) from error
        except DockerStreamError as error:
            raise ImageBuildFailed(reader.told(f"{error.message}; last lines:")) from error
        except DockerError as error:
            kind = EngineUnavailable if error.status == NO_ANSWER else ImageBuildFailed
            raise kind(error.message) from error
        except (aiohttp.ClientError, OSError) as error:
            raise EngineUnavailable(str(error)) from error

    def _stream(self, request: BuildRequest) -> AsyncGenerator[dict[str, Any], None]:
        stream = self.docker.images.build(
            fileobj=request.sent().archive(request.ca_bundle),
            encoding="gzip",
            tag=request.tag,
            buildargs={**request.build_args, **request.passing_args},
            labels={**request.labels(), LABEL_BUILD: ""},
            nocache=request.anew,
            forcerm=True,
            stream=True,
        )
        # Declared as an iterator, it is a generator and wants to be closed.
        return cast("AsyncGenerator[dict[str, Any], None]", stream)


@asynccontextmanager
async def open_builder(clock: Callable[[], float]) -> AsyncIterator[ImageBuilder]:
    """Return a builder on the usual engine; however what is inside ends, only finished images are left.

    Raises EngineError and its kin.
    """
    unswept: list[Traces] = []
    try:
        # The client's end is what stops a build of the engine's.
        async with open_client(None) as docker:
            builder = ImageBuilder(docker, clock)
            unswept = builder.unswept
            yield builder
    except BaseException:
        # What went wrong is told, and not that the engine cannot be asked to tidy up.
        with suppress(EngineError):
            await _sweep(unswept)
        raise
    await _sweep(unswept)


async def _sweep(unswept: list[Traces]) -> None:
    if unswept:
        async with open_client(None) as docker:
            for traces in unswept:
                await sweep(docker, traces)
