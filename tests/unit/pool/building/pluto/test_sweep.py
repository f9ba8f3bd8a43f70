from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aiodocker
import pytest

from pool.building.pluto.sweep import LABEL_BUILD, sweep
from pool.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping


class FakeContainer:
    def __init__(self, engine: FakeEngine, name: str) -> None:
        self._engine, self._name = engine, name

    async def delete(self, *, force: bool) -> None:
        assert force
        self._engine.containers_there.remove(self._name)


class FakeEngine:
    """Stands for an engine that holds what a cancelled build left; more may come a moment later."""

    def __init__(self, containers: list[str], images: list[str], *, late: list[str] | None = None) -> None:
        self.containers_there, self.images_there = containers, images
        self.late = late or []
        self.refuses: dict[str, int] = {}
        self.asked: list[Mapping[str, Any]] = []
        self.containers = self.images = self

    async def list(self, *, filters: Mapping[str, Any], **params: Any) -> list[Any]:
        self.asked.append(filters)
        if params.get("all"):
            return [FakeContainer(self, name) for name in self.containers_there]
        return [{"Id": name} for name in self.images_there]

    async def delete(self, name: str) -> None:
        if status := self.refuses.pop(name, 0):
            raise aiodocker.DockerError(status, "no")
        self.images_there.remove(name)

    async def sleep(self, _seconds: float) -> None:
        self.containers_there += self.late
        self.late = []


async def swept(engine: FakeEngine) -> None:
    await sweep(cast("aiodocker.Docker", engine), "b1", sleep=engine.sleep)


async def test_containers_and_nameless_layers_of_the_build_are_removed() -> None:
    engine = FakeEngine(["c"], ["i", "j"])
    await swept(engine)
    assert engine.containers_there == engine.images_there == []
    assert all(asked["label"] == [f"{LABEL_BUILD}=b1"] for asked in engine.asked)
    assert any(asked.get("dangling") == ["true"] for asked in engine.asked)


async def test_what_the_engine_makes_a_moment_later_is_removed_too() -> None:
    engine = FakeEngine([], [], late=["c"])
    await swept(engine)
    assert engine.containers_there == []


@pytest.mark.parametrize("status", [404, 409])
async def test_what_is_gone_or_still_held_is_looked_at_again(status: int) -> None:
    engine = FakeEngine([], ["i"])
    engine.refuses = {"i": status}
    await swept(engine)
    assert engine.images_there == []


async def test_another_refusal_is_told() -> None:
    engine = FakeEngine([], ["i"])
    engine.refuses = {"i": 500}
    with pytest.raises(EngineError):
        await swept(engine)
