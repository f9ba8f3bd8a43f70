from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pool.engines.engine import LIVE
from pool.errors import EngineUnavailable, StartFailed
from tests.support.engine_contract import EngineContract
from tests.support.engine_rig import Rig, launch
from tests.support.fake_engine import FakeEngine, FakeInstance, FakeWorld

if TYPE_CHECKING:
    from pool.engines.engine import Address


class FakeRig(Rig):
    """Does in memory what the other rigs ask a server to do."""

    def __init__(self) -> None:
        super().__init__()
        self.world = FakeWorld()

    def make(self, gateway_id: str) -> FakeEngine:
        return FakeEngine(gateway_id, world=self.world)

    def at(self, address: Address) -> FakeInstance | None:
        living = [i for i in self.world.instances.values() if i.status in LIVE and i.address == address]
        return living[0] if living else None

    async def answers(self, address: Address) -> bool:
        return self.at(address) is not None

    async def told(self, address: Address) -> dict[str, Any]:
        instance = self.at(address)
        assert instance is not None
        command, env = instance.launch.filled(address.host, address.port)
        return {"argv": command[3:], "env": env}

    async def run(self, address: Address, source: str) -> None:
        instance = self.at(address)
        assert instance is not None, source
        instance.output += "one\ntwo\n"

    async def write(self, address: Address, *, out: str = "", err: str = "") -> None:
        instance = self.at(address)
        assert instance is not None
        instance.output += out + err

    async def end(self, address: Address) -> None:
        instance = self.at(address)
        assert instance is not None
        self.world.die(instance.launch.instance_id)

    async def pass_memory_limit(self, address: Address, limit: int) -> None:
        instance = self.at(address)
        assert instance is not None, limit
        self.world.die(instance.launch.instance_id, out_of_memory=True)


class TestFakeEngine(EngineContract):
    @pytest.fixture
    def rig(self) -> FakeRig:
        return FakeRig()


async def test_told_failures_come_as_often_as_told() -> None:
    engine = FakeEngine()
    engine.fail("start", StartFailed("no"), times=2)
    for _ in range(2):
        with pytest.raises(StartFailed):
            await engine.start(launch())
    await engine.start(launch())
    assert engine.called("start") == 3


async def test_an_engine_that_is_down_answers_nothing() -> None:
    engine = FakeEngine()
    engine.down = EngineUnavailable("down")
    with pytest.raises(EngineUnavailable):
        await engine.list()


async def test_a_lost_instance_is_gone_without_an_event() -> None:
    engine = FakeEngine()
    what = launch()
    await engine.start(what)
    engine.world.lose(what.instance_id)
    assert await engine.list() == []
