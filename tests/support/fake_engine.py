"""An engine in memory that does what it is told: hang, fail, let an instance die, lose one.

    world = FakeWorld()                     # what outlives a gateway
    engine = FakeEngine(world=world)
    engine.fail("start", StartFailed("no"), times=2)
    engine.hang("destroy"); ...; engine.release("destroy")
    world.die("instance id", out_of_memory=True)
    world.lose("instance id")               # gone without a word
    engine.down = EngineUnavailable("down") # every call fails, streams of events break

Nothing waits unless told to hang; each call still lets other tasks run once, as a real one would.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE, LIVE, Address, Facts, Found, Output, Status
from pool.errors import EngineError, EngineUnavailable, ImageMissing, StartFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from pool.engines.engine import Died, Launch


@dataclass(slots=True)
class FakeInstance:
    """One instance; tests may change it at will."""

    launch: Launch
    gateway_id: str
    address: Address
    status: Status = Status.RUNNING
    out_of_memory: bool = False
    memory: int = 100 * 2**20
    output: str = ""

    def found(self) -> Found:
        labels = {LABEL_GATEWAY: self.gateway_id, LABEL_INSTANCE: self.launch.instance_id}
        live = self.status in LIVE
        return Found(
            instance_id=self.launch.instance_id,
            labels={**self.launch.labels, **labels},
            status=self.status,
            address=self.address if live else None,
            out_of_memory=self.out_of_memory and not live,
        )


@dataclass(slots=True)
class FakeWorld:
    """Instances of all gateways, by id."""

    instances: dict[str, FakeInstance] = field(default_factory=dict)
    bells: set[asyncio.Event] = field(default_factory=set)
    ports: count[int] = field(default_factory=lambda: count(10001))

    def die(self, instance_id: str, *, out_of_memory: bool = False) -> None:
        """Its process ends; the engine says so."""
        instance = self.instances[instance_id]
        instance.status, instance.out_of_memory = Status.EXITED, out_of_memory
        self.ring()

    def lose(self, instance_id: str) -> None:
        """Somebody removes it behind our back, and no event tells."""
        del self.instances[instance_id]

    def ring(self) -> None:
        """Send an event to everyone who listens."""
        for bell in self.bells:
            bell.set()

    def living(self) -> list[str]:
        """Return ids of instances that run or are paused."""
        return [i for i, instance in self.instances.items() if instance.status in LIVE]


class FakeEngine:
    """See the module. `serve` gives a started instance its address, for tests that need a server."""

    def __init__(
        self,
        gateway_id: str = "test",
        *,
        world: FakeWorld | None = None,
        serve: Callable[[Launch], Awaitable[Address]] | None = None,
        memory_total: int = 16 * 2**30,
    ) -> None:
        self.gateway_id = gateway_id
        self.world = world or FakeWorld()
        self.serve = serve
        self.memory_total = memory_total
        self.images: dict[str, str] = {}
        """Identity by image, where it is not simply the name."""
        self.missing: set[str] = set()
        """Images that are not there."""
        self.down: EngineError | None = None
        self.calls: list[tuple[str, str]] = []
        """Every call with the instance id or image it was about."""
        self.most_starts = 0
        """The most starts that were ever under way at once."""
        self._starts = 0
        self._gates: dict[str, asyncio.Event] = {}
        self._errors: dict[str, deque[Exception]] = defaultdict(deque)
        self._connected = False

    @property
    def name(self) -> str:
        return "fake"

    def hang(self, method: str) -> None:
        """Let calls of this method wait until they are released or cancelled."""
        self._gates[method] = asyncio.Event()

    def release(self, method: str) -> None:
        """Let them go on."""
        self._gates.pop(method).set()

    def fail(self, method: str, error: Exception, times: int = 1) -> None:
        """Let the next calls of this method fail."""
        self._errors[method].extend([error] * times)

    async def connect(self) -> Facts:
        await self._call("connect")
        self._connected = True
        return Facts(name=self.name, version="1", reach="in memory", memory_total=self.memory_total)

    async def close(self) -> None:
        await self._call("close")
        self._connected = False
        self.world.ring()

    async def resolve(self, image: str) -> str:
        await self._call("resolve", image)
        if image in self.missing:
            raise ImageMissing(f"image {image} is not there")
        return self.images.get(image, image)

    async def start(self, launch: Launch) -> Address:
        self._starts += 1
        self.most_starts = max(self.most_starts, self._starts)
        try:
            await self._call("start", launch.instance_id)
            if launch.image in self.missing:
                raise ImageMissing(f"image {launch.image} is not there")
            if launch.instance_id in self.world.instances:
                raise StartFailed("there is one of this id already")
            address = await self.serve(launch) if self.serve else Address("127.0.0.1", next(self.world.ports))
        finally:
            self._starts -= 1
        launch = replace(launch, labels=dict(launch.labels))
        self.world.instances[launch.instance_id] = FakeInstance(launch, self.gateway_id, address)
        return address

    async def destroy(self, instance_id: str) -> None:
        await self._call("destroy", instance_id)
        if self._own(instance_id) is not None:
            del self.world.instances[instance_id]
            self.world.ring()

    async def pause(self, instance_id: str) -> None:
        await self._call("pause", instance_id)
        self._running(instance_id).status = Status.PAUSED

    async def unpause(self, instance_id: str) -> None:
        await self._call("unpause", instance_id)
        self._running(instance_id).status = Status.RUNNING

    async def measure(self, instance_id: str) -> int:
        await self._call("measure", instance_id)
        instance = self._own(instance_id)
        return instance.memory if instance and instance.status in LIVE else 0

    async def logs(self, instance_id: str, lines: int) -> str:
        await self._call("logs", instance_id)
        instance = self._own(instance_id)
        return "".join(instance.output.splitlines(keepends=True)[-lines:]) if instance else ""

    async def output(self, instance_id: str, lines: int, mark: str = "") -> Output:
        await self._call("output", instance_id)
        instance = self._own(instance_id)
        if instance is None:
            return Output("", mark)
        written = instance.output.splitlines(keepends=True)
        at = int(mark[1:]) if mark.startswith("f") else max(0, len(written) - lines)
        return Output("".join(written[at:]), f"f{len(written)}")

    async def events(self) -> AsyncGenerator[Died | None, None]:
        await self._call("events")
        bell = asyncio.Event()
        self.world.bells.add(bell)
        try:
            yield None
            while self._connected and self.down is None:
                await bell.wait()
                bell.clear()
                yield None
        finally:
            self.world.bells.discard(bell)
        raise EngineUnavailable("events: the stream broke")

    async def list(self) -> list[Found]:
        await self._call("list")
        return [i.found() for i in self.world.instances.values() if i.gateway_id == self.gateway_id]

    def called(self, method: str) -> int:
        """Return how often a method was called."""
        return sum(name == method for name, _ in self.calls)

    async def _call(self, method: str, about: str = "") -> None:
        self.calls.append((method, about))
        await asyncio.sleep(0)
        if (gate := self._gates.get(method)) is not None:
            await gate.wait()
        if self.down is not None:
            raise self.down
        if self._errors[method]:
            raise self._errors[method].popleft()

    def _own(self, instance_id: str) -> FakeInstance | None:
        instance = self.world.instances.get(instance_id)
        return instance if instance and instance.gateway_id == self.gateway_id else None

    def _running(self, instance_id: str) -> FakeInstance:
        instance = self._own(instance_id)
        if instance is None or instance.status not in LIVE:
            raise EngineError("it is not there")
        return instance
