"""The loop with an engine in memory: what it starts, ends and survives."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from config import OnStop, PoolSettings, Sizing
from pool.core.states import Reason, State
from pool.errors import EngineTimeout, EngineUnavailable, PoolEmpty, StartFailed, WarmFailed
from tests.support.fake_engine import FakeEngine, FakeWorld
from tests.support.house import House
from tests.support.kept import keeping

if TYPE_CHECKING:
    from pathlib import Path

    from pool.pools import Pools
    from tests.support.kept import Kept


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, PoolSettings(warm=3, max=5, hot=5, sizing=Sizing.STATIC, max_age=1000.0))


async def test_a_pool_is_filled_with_warmed_instances(house: House) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        assert len(house.kind.warmed) == 3
        assert len(kept.engine.world.instances) == 3


async def test_no_more_start_at_once_than_start_concurrency(house: House) -> None:
    async with keeping(house) as kept:
        kept.engine.hang("start")
        await kept.until(lambda: kept.states() == [State.STARTING] * 2)
        kept.engine.release("start")
        await kept.until_warm(3)
        assert kept.engine.most_starts == 2


async def test_an_assigned_instance_is_replaced(house: House) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        kept.pools.assign()
        await kept.until(lambda: kept.states() == [State.ASSIGNED, State.WARM, State.WARM, State.WARM])


async def test_an_engine_that_hangs_does_not_keep_a_visitor_waiting(house: House) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        for method in ("start", "destroy", "list", "connect", "resolve", "unpause", "measure", "logs"):
            kept.engine.hang(method)
        kept.observer.look()
        await asyncio.sleep(0)
        before = len(kept.engine.calls)
        sessions = [kept.pools.assign() for _ in range(3)]
        assert len({session.instance_id for session in sessions}) == 3
        assert len(kept.engine.calls) == before


async def test_a_failed_start_gives_its_charge_back_and_is_tried_again_later(house: House) -> None:
    engine = FakeEngine()
    engine.fail("start", StartFailed("no"), times=2)
    async with keeping(house, engine) as kept:
        await kept.until(lambda: kept.roster.health("jupyter").failures == 2)
        await kept.until(lambda: len(kept.roster) == 0)
        assert kept.roster.charged == 0
        assert house.registry.get_sample_value("warmgate_start_failures_total", {"pool": "jupyter"}) == 2
        house.clock.now = kept.roster.health("jupyter").retry_at
        await kept.until_warm(3)
        assert kept.roster.health("jupyter").failures == 0


async def test_an_instance_that_cannot_be_warmed_is_destroyed(house: House) -> None:
    house.kind.warm_error = WarmFailed("no kernel")
    async with keeping(house) as kept:
        await kept.until(lambda: kept.roster.health("jupyter").failures > 0)
        await kept.until(lambda: not kept.engine.world.instances)


async def test_a_bug_in_a_kind_counts_as_a_failed_start_and_stops_nothing_else(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.kind.warm_error = ZeroDivisionError("a bug")
    async with keeping(house) as kept:
        await kept.until(lambda: kept.roster.health("jupyter").failures > 0)
        house.kind.warm_error = None
        house.clock.now += 100
        await kept.until_warm(3)
    del caplog


async def test_a_server_that_never_answers_is_given_up_at_the_start_timeout(tmp_path: Path) -> None:
    house = House(tmp_path, PoolSettings(warm=1, start_timeout=0.01))
    house.kind.answers = False
    async with keeping(house) as kept:
        async with asyncio.timeout(10):
            while not kept.roster.health("jupyter").failures:  # noqa: ASYNC110 - the limit is real time
                await asyncio.sleep(0.01)
        assert "no answer within 0.01 s" in kept.roster.health("jupyter").error


async def test_an_instance_that_dies_warm_is_replaced_and_one_that_dies_in_use_ends_its_session(
    house: House,
) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        session = kept.pools.assign()
        await kept.until_warm(3)
        for instance_id in kept.engine.world.living():
            kept.engine.world.die(instance_id, out_of_memory=instance_id == session.instance_id)
        await kept.until(lambda: kept.pools.find(session.id) is None)
        assert _why(kept.pools, session.id) is Reason.OUT_OF_MEMORY
        await kept.until_warm(3)
        await kept.until(lambda: len(kept.engine.world.instances) == 3)


async def test_an_instance_removed_behind_our_back_is_noticed_at_the_next_look(house: House) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        lost = kept.engine.world.living()[0]
        kept.engine.world.lose(lost)
        kept.observer.look()
        await kept.until(lambda: lost not in kept.roster)
        await kept.until_warm(3)


async def test_an_instance_that_appears_after_its_start_was_given_up_is_removed(house: House) -> None:
    engine = FakeEngine()
    engine.fail("start", EngineTimeout("no answer"))
    async with keeping(house, engine) as kept:
        await kept.until(lambda: engine.called("destroy") == 1)
        await kept.until_warm(3)
        given_up = next(about for name, about in engine.calls if name == "destroy")
        assert given_up not in kept.roster
        launch = engine.world.instances[engine.world.living()[0]].launch
        late = type(launch)(**{**_fields(launch), "instance_id": given_up, "labels": {}})
        await engine.start(late)
        kept.observer.look()
        await kept.until(lambda: given_up not in engine.world.instances)


async def test_a_stranger_that_carries_our_label_is_removed_and_others_are_left_alone(house: House) -> None:
    world = FakeWorld()
    ours, theirs = FakeEngine(world=world), FakeEngine("another", world=world)
    async with keeping(house, ours) as kept:
        await kept.until_warm(3)
        launch = world.instances[world.living()[0]].launch
        stray = type(launch)(**{**_fields(launch), "instance_id": "stray", "labels": {}})
        foreign = type(launch)(**{**_fields(launch), "instance_id": "foreign", "labels": {}})
        await ours.start(stray)
        await theirs.start(foreign)
        kept.observer.look()
        await kept.until(lambda: "stray" not in world.instances)
        assert "foreign" in world.instances


def _fields(launch: Any) -> dict[str, Any]:
    return {name: getattr(launch, name) for name in launch.__slots__}


async def test_without_an_engine_sessions_go_on_and_the_pool_is_full_again_when_it_returns(
    house: House,
) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        session = kept.pools.assign()
        kept.engine.down = EngineUnavailable("gone")
        kept.engine.world.ring()
        kept.observer.look()
        await kept.until(lambda: kept.observer.error is not None)
        assert kept.pools.find(session.id) is session
        kept.pools.assign()
        kept.engine.down = None
        kept.observer.look()
        await kept.until(lambda: kept.observer.error is None)
        await kept.until_warm(3)
        assert kept.pools.find(session.id) is session


async def test_a_missing_image_blocks_its_pool_only_and_is_looked_for_again(tmp_path: Path) -> None:
    house = House(tmp_path, PoolSettings(warm=1), PoolSettings(name="other", image="there", warm=1))
    engine = FakeEngine()
    engine.missing.add("warmgate/jupyter")
    async with keeping(house, engine) as kept:
        await kept.until_warm(1)
        with pytest.raises(PoolEmpty):
            kept.pools.assign("jupyter")
        assert "not there" in kept.pools.get("jupyter").image_error
        engine.missing.clear()
        kept.observer.look()
        await kept.until_warm(2)


async def test_a_failed_removal_is_tried_again_and_charged_until_it_works(house: House) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        kept.engine.fail("destroy", EngineUnavailable("hm"))
        session = kept.pools.assign()
        kept.pools.end(session.instance_id, Reason.SHUTDOWN)
        await kept.until(lambda: kept.engine.called("destroy") == 1)
        await asyncio.sleep(0)
        assert session.instance_id in kept.roster
        house.clock.now += 10
        kept.observer.look()
        await kept.until(lambda: session.instance_id not in kept.engine.world.instances)
        await kept.until(lambda: session.instance_id not in kept.roster)


async def test_a_busy_kernel_keeps_an_idle_session_and_a_quiet_one_ends_it(tmp_path: Path) -> None:
    house = House(tmp_path, PoolSettings(warm=1, idle_timeout=60.0))
    async with keeping(house) as kept:
        await kept.until_warm(1)
        session = kept.pools.assign()
        house.kind.busy = True
        house.clock.now += 61
        await kept.until(lambda: _activity(kept, session.instance_id) == house.clock.now)
        assert kept.pools.find(session.id) is session
        house.kind.busy = False
        house.clock.now += 61
        await kept.until(lambda: kept.pools.find(session.id) is None)
        assert _why(kept.pools, session.id) is Reason.IDLE


def _activity(kept: Kept, instance_id: str) -> float | None:
    instance = kept.roster.get(instance_id)
    return None if instance is None else instance.last_activity


async def test_a_restarted_gateway_finds_sessions_and_warm_instances_again(tmp_path: Path) -> None:
    world = FakeWorld()
    settings = PoolSettings(warm=2, max=5)
    before = House(tmp_path, settings)
    async with keeping(before, FakeEngine(world=world)) as kept:
        await kept.until_warm(2)
        session = kept.pools.assign()
        ended = kept.pools.assign()
        kept.pools.end(ended.instance_id, Reason.IDLE)
        await kept.until_warm(2)
        await kept.until(lambda: len(world.instances) == 3)
    there = set(world.instances)

    after = House(tmp_path, settings)
    async with keeping(after, FakeEngine(world=world)) as kept:
        await kept.until_warm(2)
        found = kept.pools.find(session.id)
        assert found is not None
        assert found.upstream == session.upstream
        assert _why(kept.pools, ended.id) is Reason.IDLE
        assert set(world.instances) == there


async def test_a_session_whose_instance_vanished_while_the_gateway_was_away_is_known_as_ended(
    tmp_path: Path,
) -> None:
    world = FakeWorld()
    async with keeping(House(tmp_path), FakeEngine(world=world)) as kept:
        await kept.until_warm(3)
        session = kept.pools.assign()
    world.lose(session.instance_id)
    async with keeping(House(tmp_path), FakeEngine(world=world)) as kept:
        await kept.until(lambda: kept.pools.adopted)
        assert _why(kept.pools, session.id) is Reason.DIED


@pytest.mark.parametrize(("out_of_memory", "reason"), [(True, Reason.OUT_OF_MEMORY), (False, Reason.DIED)])
async def test_a_session_whose_instance_ended_while_the_gateway_was_away_is_known_with_its_reason(
    tmp_path: Path, *, out_of_memory: bool, reason: Reason
) -> None:
    world = FakeWorld()
    async with keeping(House(tmp_path), FakeEngine(world=world)) as kept:
        await kept.until_warm(3)
        session = kept.pools.assign()
    world.die(session.instance_id, out_of_memory=out_of_memory)
    async with keeping(House(tmp_path), FakeEngine(world=world)) as kept:
        await _adopted(kept)
        assert _why(kept.pools, session.id) is reason


async def test_instances_found_without_a_journal_stay_sessions_at_every_later_start(tmp_path: Path) -> None:
    world = FakeWorld()
    async with keeping(House(tmp_path), FakeEngine(world=world)) as kept:
        await kept.until_warm(3)
        session = kept.pools.assign()
    (tmp_path / "journal.jsonl").unlink()
    # A start that ends before it has reached the engine must not pass for one that has looked.
    House(tmp_path).journal.close()
    for _ in range(2):
        async with keeping(House(tmp_path), FakeEngine(world=world)) as kept:
            await _adopted(kept)
            assert kept.pools.find(session.id) is not None


@pytest.mark.parametrize(
    ("on_stop", "left"), [(OnStop.KEEP_ALL, 4), (OnStop.KEEP_ASSIGNED, 1), (OnStop.REMOVE_ALL, 0)]
)
async def test_what_a_stop_leaves_running_is_the_operators_choice(
    house: House, on_stop: OnStop, left: int
) -> None:
    async with keeping(house) as kept:
        await kept.until_warm(3)
        kept.pools.assign()
        await kept.until_warm(3)
    await kept.keeper.stop(on_stop)
    assert len(kept.engine.world.instances) == left


def _why(pools: Pools, session_id: str) -> Reason | None:
    ended = pools.ended(session_id)
    return None if ended is None else ended.reason


async def _adopted(kept: Kept) -> None:
    await kept.until(lambda: kept.pools.adopted)
