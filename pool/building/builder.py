"""Builds images on a Docker engine from folders that come with warmgate."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import aiohttp
from aiodocker.exceptions import DockerError, DockerStreamError

from pool.building.errors import ImageBuildFailed
from pool.building.pluto.told import MARK
from pool.engines.docker_calls import LOOK_LIMIT, NO_ANSWER, NOT_FOUND, limited
from pool.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    import aiodocker

    from pool.building.context import BuildContext

LABEL_IMAGE = "warmgate.image"
LABEL_CONTEXT = "warmgate.context"
LABEL_ARGUMENTS = "warmgate.arguments"

BUILD_LIMIT = 1800.0  # seconds for a whole build, downloads included
SILENCE_LIMIT = 300.0  # seconds without a line of output
KEPT_LINES = 25  # lines of output told when a build fails

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """One line of a build: `step` of `steps` (0 before the first), and seconds since the build began."""

    step: int
    steps: int
    text: str
    elapsed: float


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

    def labels(self) -> dict[str, str]:
        """Return the labels by which the finished image is known again; of arguments only their names."""
        arguments = {LABEL_ARGUMENTS: " ".join(sorted(self.build_args))} if self.build_args else {}
        return {
            LABEL_IMAGE: self.context.name,
            LABEL_CONTEXT: (self.known_by or self.context).digest(self.build_args),
            **arguments,
        }


class OutputReader:
    """Turns what the engine's classic builder streams into progress. Pure but for the clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._began = clock()
        self._step = 0
        self._steps = 0
        self._rest = ""
        self.image_id = ""
        """Of the finished image, once the engine has told it."""
        self._last: deque[str] = deque(maxlen=KEPT_LINES)

    def read(self, item: Mapping[str, Any]) -> list[BuildProgress]:
        """Return the lines one streamed item ends; items without text (ids, layer progress) hold none.

        A program's line may come in pieces: what has no end yet waits for the next item.
        """
        self.image_id = item.get("aux", {}).get("ID", self.image_id)
        status = "" if "progressDetail" in item else item.get("status", "")
        text = self._rest + _COLOURS.sub("", item.get("stream") or (f"{status}\n" if status else ""))
        whole, end, self._rest = text.rpartition("\n")
        told = [self._told(line.rstrip()) for line in f"{whole}{end}".splitlines() if line.strip()]
        self._last.extend(progress.text for progress in told if not progress.text.startswith(MARK))
        return told

    def _told(self, line: str) -> BuildProgress:
        if found := _STEP.match(line):
            self._step, self._steps, line = int(found[1]), int(found[2]), found[3]
        return BuildProgress(self._step, self._steps, line, self._clock() - self._began)

    def told(self, reason: str) -> str:
        """Return why the build failed, and the last lines before it did."""
        return "\n".join([reason, *self._last, *self._rest.splitlines()])


class ImageBuilder:
    """Builds and recognises images. The connection belongs to the caller; `clock` counts seconds."""

    def __init__(self, docker: aiodocker.Docker, clock: Callable[[], float]) -> None:
        self._docker = docker
        self._clock = clock

    async def needs_build(self, request: BuildRequest) -> bool:
        """Tell whether the tag is missing, or was built by us from other files or arguments.

        Left as they are: an image of that name without our labels (it is somebody's own), and one that was
        built with arguments when none are asked for (who chose them builds it again).
        Raises EngineUnavailable, EngineTimeout, EngineError.
        """
        async with limited(f"image {request.tag}", LOOK_LIMIT):
            try:
                found = await self._docker.images.inspect(request.tag)
            except DockerError as error:
                if error.status == NOT_FOUND:
                    return True
                raise
        labels = found["Config"].get("Labels") or {}
        if LABEL_CONTEXT not in labels or (LABEL_ARGUMENTS in labels and not request.build_args):
            return False
        return bool(labels[LABEL_CONTEXT] != request.labels()[LABEL_CONTEXT])

    async def build(self, request: BuildRequest) -> AsyncGenerator[BuildProgress, None]:
        """Build, telling each line as it comes; the image is there when the iterator ends.

        Wrap it in `contextlib.aclosing`. What stops a build that was left early, or took too long, is the end
        of the connection: close the Docker client. Raises ImageBuildFailed with the last lines of output,
        EngineUnavailable when the engine goes away.
        """
        reader = OutputReader(self._clock)
        deadline = self._clock() + (BUILD_LIMIT if request.time_limit is None else request.time_limit)
        stream = self._stream(request)
        try:
            async with aclosing(stream):
                while True:
                    limit = min(SILENCE_LIMIT, deadline - self._clock())
                    async with asyncio.timeout(limit):
                        item = await anext(stream, None)
                    if item is None:
                        break
                    for progress in reader.read(item):
                        yield progress
            if not reader.image_id:
                # The client takes a lost connection for the stream's end.
                raise EngineUnavailable(reader.told("the engine went away during the build; last lines:"))
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
        stream = self._docker.images.build(
            fileobj=request.context.archive(request.ca_bundle),
            encoding="gzip",
            tag=request.tag,
            buildargs={**request.build_args, **request.passing_args},
            labels=request.labels(),
            forcerm=True,
            stream=True,
        )
        # Declared as an iterator, it is a generator and wants to be closed.
        return cast("AsyncGenerator[dict[str, Any], None]", stream)
