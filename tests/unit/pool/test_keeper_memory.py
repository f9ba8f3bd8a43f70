"""The loop where memory is short: measured charges, paused instances, a strained host, adoption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config import PoolSettings, Sizing
from pool.core.states import READY, Reason, State
from pool.engines.engine import Status
from pool.errors import EngineError
from tests.support.fake_engine import FakeEngine, FakeWorld
from tests.support.house import MIB, House
from tests.support.kept import keeping

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.support.kept import Kept

LIMIT = 512 * MIB
SIZE = 100 * MIB
"""What an instance of the engine in memory measures."""


def static(**changes: Any) -> PoolSettings:
    return PoolSettings(**({"sizing": Sizing.STATIC, "memory": LIMIT} | changes))


def statuses(world: FakeWorld) -> list[Status]:
    return sorted(instance.status for instance in world.instances.values())


def settled(kept: Kept) -> bool:
    """Return whether nothing is on its way, in or out."""
    census = kept.roster.census()
    return not any(census[state] for state in (State.STARTING, State.WARMING, State.DRAINING))


async def still(kept: Kept, seconds: float) -> None:
    """Let time pass."""
    end = kept.house.clock.now + seconds
    await kept.until(lambda: kept.house.clock.now >= end)


async def test_instances_beyond_hot_are_paused_and_run_again_when_they_are_next(tmp_path: Path) -> None:
    house = House(tmp_path, static(warm=3, hot=1))
    async with keeping(house) as kept:
        world = kept.engine.world
        await kept.until(lambda: statuses(world) == [Status.PAUSED, Status.PAUSED, Status.RUNNING])
        running = kept.roster.ready("jupyter", house.pools.get(None).generation)[0]
        assert running.state is State.WARM
        kept.pools.assign()
        await kept.until(lambda: statuses(world) == [Status.PAUSED] * 2 + [Status.RUNNING] * 2)
        assert kept.states() == [State.ASSIGNED, State.PAUSED, State.PAUSED, State.WARM]


async def test_one_whose_pause_failed_is_nobodys_and_is_replaced(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.fail("pause", EngineError("no"))
    async with keeping(House(tmp_path, static(warm=2, hot=1)), engine) as kept:
        await kept.until(lambda: engine.called("destroy") == 1)
        (gone,) = {about for name, about in engine.calls if name == "destroy"}
        await kept.until(lambda: kept.states() == [State.PAUSED, State.WARM])
        assert gone not in kept.roster


async def test_an_instance_that_others_unpaused_is_paused_again_and_a_session_they_paused_runs(
    tmp_path: Path,
) -> None:
    async with keeping(House(tmp_path, static(warm=2, hot=1))) as kept:
        world = kept.engine.world
        await kept.until(lambda: kept.states() == [State.PAUSED, State.WARM])
        session = kept.pools.assign()
        await kept.until(lambda: kept.states() == [State.ASSIGNED, State.PAUSED, State.WARM])
        asleep = next(i.id for i in kept.roster if i.state is State.PAUSED)
        world.instances[asleep].status = Status.RUNNING
        world.instances[session.instance_id].status = Status.PAUSED
        kept.observer.look()
        await kept.until(lambda: world.instances[session.instance_id].status is Status.RUNNING)
        await kept.until(lambda: world.instances[asleep].status is Status.PAUSED)


async def test_where_charges_are_limits_the_budget_holds_so_many(tmp_path: Path) -> None:
    async with keeping(House(tmp_path, static(warm=8), budget=4 * LIMIT)) as kept:
        await kept.until_warm(4)
        await still(kept, 5.0)
        assert len(kept.roster) == 4
        assert kept.engine.called("measure") == 0


async def test_where_charges_are_measured_the_same_budget_holds_more_and_room_for_the_next_visitor(
    tmp_path: Path,
) -> None:
    house = House(tmp_path, static(warm=30), budget=4 * LIMIT)
    async with keeping(house, measured=True) as kept:
        await still(kept, 10.0)
        assert settled(kept)
        ready = kept.roster.census()[State.WARM] + kept.roster.census()[State.PAUSED]
        # The last start needs its limit free; afterwards the cushion is.
        assert ready == (4 * LIMIT - (LIMIT - SIZE)) // SIZE
        assert kept.roster.charged == ready * SIZE
        kept.pools.assign()
        assert kept.roster.charged <= kept.roster.budget


async def test_after_an_assignment_idle_instances_make_room_for_the_next_one(tmp_path: Path) -> None:
    house = House(tmp_path, static(warm=30), budget=4 * LIMIT)
    async with keeping(house, measured=True) as kept:
        await still(kept, 10.0)
        for _ in range(3):
            kept.pools.assign()
            await kept.until(
                lambda: bool(kept.roster.assignable("jupyter", house.pools.get(None).generation))
            )
            assert kept.roster.charged <= kept.roster.budget
        assert len(kept.pools.sessions) == 3


async def test_one_that_grows_is_charged_more_at_the_next_round_and_ends_where_there_is_no_room(
    tmp_path: Path,
) -> None:
    house = House(tmp_path, static(warm=2, max=2, hot=2), budget=2 * LIMIT)
    async with keeping(house, measured=True) as kept:
        await kept.until(lambda: kept.roster.charged == 2 * SIZE)
        first, second = (i.id for i in kept.roster)
        for instance_id, size in ((first, 400 * MIB), (second, 300 * MIB)):
            kept.engine.world.instances[instance_id].memory = size
        await kept.keeper._rounds.go_once()
        assert kept.roster.charged == 700 * MIB
        kept.pools.hand_over(_get(kept, first))
        kept.engine.world.instances[second].memory = LIMIT + MIB
        await kept.keeper._rounds.go_once()
        assert kept.roster.charged == 2 * LIMIT
        assert _get(kept, second).state is State.WARM


def _get(kept: Kept, instance_id: str) -> Any:
    found = kept.roster.get(instance_id)
    assert found is not None
    return found


async def test_a_full_pool_that_is_adopted_counts_what_it_measures(tmp_path: Path) -> None:
    world = FakeWorld()
    settings = static(warm=30)
    async with keeping(
        House(tmp_path, settings, budget=4 * LIMIT), FakeEngine(world=world), measured=True
    ) as kept:
        await still(kept, 10.0)
        count = len(world.instances)
        assert count * LIMIT > 4 * LIMIT
    after = House(tmp_path, settings, budget=4 * LIMIT)
    async with keeping(after, FakeEngine(world=world), measured=True) as kept:
        await kept.until(lambda: kept.pools.adopted)
        assert kept.roster.charged == count * SIZE
        await kept.until_warm(count)
        assert len(world.instances) == count
        assert kept.roster.charged <= kept.roster.budget


async def test_what_is_adopted_beyond_the_budget_leaves_until_it_fits_and_no_session_does(
    tmp_path: Path,
) -> None:
    world = FakeWorld()
    settings = static(warm=4, hot=4)
    async with keeping(House(tmp_path, settings), FakeEngine(world=world)) as kept:
        await kept.until_warm(4)
        session = kept.pools.assign()
        await kept.until_warm(4)
    after = House(tmp_path, settings, budget=2 * LIMIT)
    async with keeping(after, FakeEngine(world=world)) as kept:
        await kept.until(lambda: kept.pools.adopted)
        assert kept.roster.charged == 5 * LIMIT
        await kept.until(lambda: len(world.instances) == 2)
        assert kept.pools.find(session.id) is not None
        await kept.until(lambda: kept.roster.charged == 2 * LIMIT)


@pytest.mark.parametrize("by", ["reserve", "stall"])
async def test_a_strained_host_loses_idle_instances_one_by_one_and_no_session_and_starts_nothing(
    tmp_path: Path, by: str
) -> None:
    async with keeping(House(tmp_path, static(warm=3, hot=3))) as kept:
        await kept.until_warm(3)
        session = kept.pools.assign()
        await kept.until_warm(3)
        if by == "reserve":
            kept.memory = -1
        else:
            kept.pressure = 60.0
        most = 0
        while kept.roster.census()[State.WARM]:
            await still(kept, 0.01)
            most = max(most, kept.roster.census()[State.DRAINING])
        await kept.until(lambda: len(kept.roster) == 1)
        assert most <= 1
        assert kept.pools.find(session.id) is session
        started = kept.engine.called("start")
        await still(kept, 5.0)
        assert kept.engine.called("start") == started
        assert _recycled(kept, Reason.PRESSURE) == 3
        kept.memory, kept.pressure = 10**12, 0.0
        await kept.until_warm(3)


def _recycled(kept: Kept, reason: Reason) -> float | None:
    labels = {"pool": "jupyter", "reason": reason.value}
    return kept.house.registry.get_sample_value("warmgate_recycled_total", labels)


async def test_nothing_starts_that_the_host_has_no_room_for_whatever_the_budget_says(tmp_path: Path) -> None:
    async with keeping(House(tmp_path, static(warm=3))) as kept:
        kept.memory = LIMIT - 1
        await still(kept, 3.0)
        assert kept.engine.called("start") == 0
        kept.memory = 10 * LIMIT
        await kept.until_warm(3)


async def test_ready_instances_end_with_their_reason_and_sessions_keep_going_when_the_budget_falls(
    tmp_path: Path,
) -> None:
    async with keeping(House(tmp_path, static(warm=3, hot=3))) as kept:
        await kept.until_warm(3)
        session = kept.pools.assign()
        await kept.until_warm(3)
        kept.roster.budget = LIMIT
        await kept.until(lambda: len(kept.engine.world.instances) == 1)
        assert kept.pools.find(session.id) is session
        assert not any(i.state in READY for i in kept.roster)
