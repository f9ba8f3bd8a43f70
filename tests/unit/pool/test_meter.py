from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from config import PoolSettings
from pool.core.states import Reason, State
from pool.errors import EngineError
from pool.meter import Meter
from tests.support.fake_engine import FakeEngine
from tests.support.house import MIB, House

if TYPE_CHECKING:
    from pathlib import Path

    from pool.core.instance import Instance

LIMIT = 512 * MIB


class Scales(FakeEngine):
    """An engine on which every instance measures what the test says."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    async def measure(self, instance_id: str) -> int:
        await self._call("measure", instance_id)
        return self.size


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, PoolSettings(memory=LIMIT), budget=2 * LIMIT)


@pytest.fixture
def engine() -> Scales:
    return Scales(100 * MIB)


@pytest.fixture
def meter(house: House, engine: Scales) -> Meter:
    return Meter(engine, house.pools, active=True)


def now(house: House, instance: Instance) -> Instance:
    found = house.roster.get(instance.id)
    assert found is not None
    return found


async def test_where_charges_are_limits_nothing_is_measured(house: House, engine: Scales) -> None:
    ready = house.warm()
    meter = Meter(engine, house.pools, active=False)
    await meter.charge(ready.id)
    assert await meter.read(ready.id) == 0
    assert engine.calls == []
    assert now(house, ready).charge == LIMIT


async def test_a_ready_instance_is_charged_what_it_measures_paused_or_not(house: House, meter: Meter) -> None:
    running, paused = house.warm(), house.warm()
    house.roster.step(paused.id, State.PAUSED, house.clock.now)
    for each in (running, paused):
        await meter.charge(each.id)
        assert (now(house, each).charge, now(house, each).measured) == (100 * MIB, True)


async def test_the_plan_looks_again_and_the_pool_remembers_what_its_instances_measure(
    house: House, meter: Meter
) -> None:
    looked: list[int] = []
    ready = house.warm()
    house.on_change = lambda: looked.append(house.roster.charged)
    await meter.charge(ready.id)
    assert looked == [100 * MIB]
    assert list(house.pools.get(None).measures) == [100 * MIB]


@pytest.mark.parametrize("error", [True, False])
async def test_what_cannot_be_measured_keeps_its_charge(
    house: House, engine: Scales, meter: Meter, *, error: bool
) -> None:
    ready = house.warm()
    engine.size = 0
    if error:
        engine.fail("measure", EngineError("no"))
    await meter.charge(ready.id)
    assert now(house, ready) == ready
    assert not house.pools.get(None).measures


async def test_a_visitors_instance_is_charged_its_limit_whatever_it_measures(
    house: House, meter: Meter
) -> None:
    held = house.warm()
    house.pools.assign()
    await meter.charge(held.id)
    assert now(house, held).charge == LIMIT


async def test_one_that_is_given_away_while_it_is_measured_keeps_its_limit(
    house: House, engine: Scales, meter: Meter
) -> None:
    ready = house.warm()
    engine.hang("measure")
    measuring = asyncio.get_running_loop().create_task(meter.charge(ready.id))
    await asyncio.sleep(0)
    house.pools.assign()
    engine.release("measure")
    await measuring
    assert now(house, ready).charge == LIMIT


async def test_one_that_has_grown_beyond_what_is_free_ends_and_no_other(
    house: House, engine: Scales, meter: Meter
) -> None:
    small, grown = house.warm(), house.warm()
    for each in (small, grown):
        await meter.charge(each.id)
    house.warm()
    engine.size = 450 * MIB
    await meter.charge(grown.id)
    assert (now(house, grown).state, now(house, grown).reason) == (State.DRAINING, Reason.EVICTED)
    assert now(house, small).state is State.WARM
    assert house.roster.charged <= house.roster.budget
