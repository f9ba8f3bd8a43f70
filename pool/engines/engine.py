"""The port every engine implements. The same contract tests run against each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from config import Egress

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from pathlib import Path

LABEL_GATEWAY = "warmgate.gateway"
LABEL_POOL = "warmgate.pool"
LABEL_INSTANCE = "warmgate.instance"
LABEL_GENERATION = "warmgate.generation"
LABEL_ADOPT = "warmgate.adopt"
"""JSON; see pool.labels. Holds no secret."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an instance's server is reached from the gateway."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything an engine needs to make one instance. Sizes are bytes, `cpus` is cores.

    `{ip}` and `{port}` in `command` and in values of `env` are filled in by the engine, which alone knows
    them; the rest has been filled in already. `command` empty means: the image's own.
    """

    instance_id: str
    labels: Mapping[str, str]
    image: str
    command: tuple[str, ...] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    port: int
    """Where the server listens, if the engine lets an instance choose (a container of its own does)."""
    memory: int
    cpus: float
    pids: int
    egress: Egress = Egress.NONE
    tmpfs: tuple[str, ...] = ()
    """Folders kept in memory, `folder` or `folder:options`."""
    read_only: bool = True
    user: str = ""
    """Empty: the image's own, never root."""
    skeleton: Path | None = None
    """What a new home is filled with by an engine that has no images; the others ignore it."""

    def filled(self, ip: str, port: int) -> tuple[tuple[str, ...], dict[str, str]]:
        """Return command and environment with `{ip}` and `{port}` filled in; other braces stay."""

        def fill(text: str) -> str:
            return text.replace("{ip}", ip).replace("{port}", str(port))

        return tuple(fill(word) for word in self.command), {k: fill(v) for k, v in self.env.items()}


class Status(StrEnum):
    """What an engine says of an instance."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    EXITED = "exited"


LIVE = frozenset({Status.RUNNING, Status.PAUSED})
"""There is a process, and an address."""


@dataclass(frozen=True, slots=True)
class Found:
    """One instance as the engine sees it. `address` is None unless it runs."""

    instance_id: str
    labels: Mapping[str, str] = field(repr=False)
    status: Status
    address: Address | None
    out_of_memory: bool = False
    """It was ended for passing its memory limit."""


@dataclass(frozen=True, slots=True)
class Died:
    """An instance has ended by itself or by somebody else's hand, just now."""

    instance_id: str
    out_of_memory: bool = False


OUTPUT_LIMIT = 64 * 1024
"""Bytes of output that are returned at once, or little more."""


@dataclass(frozen=True, slots=True)
class Output:
    """What an instance has written. `mark` is where to go on from; an engine alone knows what it means."""

    text: str = field(repr=False)
    mark: str


@dataclass(frozen=True, slots=True)
class MemoryKill:
    """Something in an instance was killed for passing its memory limit, perhaps not all of it: a kernel,
    while its server lives on.
    """

    instance_id: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said once, at start. `memory_total` is bytes all instances could ever use, 0 if unknown."""

    name: str
    version: str
    reach: str
    """How instances are reached, in words for the operator."""
    memory_total: int = 0
    warnings: tuple[str, ...] = ()
    """What this engine cannot keep of the promises on limits and isolation, a sentence each."""


class Engine(Protocol):
    """Runs instances that carry our gateway id as a label; sees and touches no others.

    Every method raises EngineUnavailable when the engine does not answer and EngineTimeout when one call
    passes its named limit; other refusals are EngineError. Every method may be cancelled at any point; what a
    cancelled `start` left behind shows up in `list` and is removed by `destroy`.
    """

    @property
    def name(self) -> str:
        """`docker`, `process`, …: the word of the configuration."""
        ...

    async def connect(self) -> Facts:
        """Reach the engine and make what instances need (networks, folders). May be called again."""
        ...

    async def close(self) -> None:
        """Let go of connections and of what `connect` made and nobody uses; instances stay."""
        ...

    async def resolve(self, image: str) -> str:
        """Return what identifies the image's content, for the generation. Raises ImageMissing."""
        ...

    async def start(self, launch: Launch) -> Address:
        """Make and start an instance; return where its server will answer.

        Raises StartFailed, ImageMissing.
        """
        ...

    async def list(self) -> list[Found]:
        """Return every instance that carries our gateway id, whatever its state."""
        ...

    async def destroy(self, instance_id: str) -> None:
        """Kill and remove the instance with all it wrote. Done already, or never there, is success."""
        ...

    async def pause(self, instance_id: str) -> None:
        """Freeze it: no CPU from now on."""
        ...

    async def unpause(self, instance_id: str) -> None:
        """Let it run again."""
        ...

    async def measure(self, instance_id: str) -> int:
        """Return anonymous + shared + kernel memory in bytes; 0 when it is not there."""
        ...

    async def logs(self, instance_id: str, lines: int) -> str:
        """Return the last lines of its output; empty when it is not there."""
        ...

    async def output(self, instance_id: str, lines: int, mark: str = "") -> Output:
        """Return what it has written since `mark`, oldest first, each line whole and once; with no mark, or
        one of another engine, its last `lines` lines. Of more than OUTPUT_LIMIT the rest comes with the next
        call. Empty, with the same mark, when it is not there.
        """
        ...

    def events(self) -> AsyncGenerator[Died | MemoryKill | None, None]:
        """Yield None once when listening has begun and whenever a look is worth it, Died for an instance that
        has surely ended, MemoryKill for one that may live on. Nobody may rely on hearing of every one. Ends
        with EngineUnavailable when the stream breaks; the caller comes back.
        """
        ...
