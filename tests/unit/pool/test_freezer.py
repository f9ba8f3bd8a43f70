"""Whatever comes between a pause and its end: who is given an instance has one that runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from pool.core.states import Reason, State
from pool.engines.engine import Launch, Status
from pool.errors import EngineError
from pool.freezer import Freezer
from tests.support.fake_engine import FakeEngine, FakeInstance
from tests.support.house import House

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path
    from typing import Any

    from pool.core.instance import Instance


class Ice:
    """A freezer, an engine in memory and one warm instance of it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.engine = FakeEngine()
        self.freezer = Freezer(self.engine, house.roster, house.clock)
        self.instance = self.add()
        self.id = self.instance.id

    def add(self) -> Instance:
        instance = self.house.warm()
        pool = self.house.pools.get(instance.pool)
        launch: Launch = pool.launch(pool.tag(instance, "test", "", ""), self.house.identities)
        upstream = self.house.pools.upstream(instance.id)
        assert upstream is not None
        self.engine.world.instances[instance.id] = FakeInstance(launch, "test", upstream[1].address)
        return instance

    @property
    def state(self) -> State:
        found = self.house.roster.get(self.id)
        assert found is not None
        return found.state

    @property
    def status(self) -> Status:
        return self.engine.world.instances[self.id].status

    async def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start something and let it come as far as it gets."""
        task = asyncio.get_running_loop().create_task(work)
        for _ in range(3):
            await asyncio.sleep(0)
        return task


@pytest.fixture
def ice(tmp_path: Path) -> Ice:
    return Ice(House(tmp_path))


async def test_a_ready_instance_is_paused_and_runs_again(ice: Ice) -> None:
    await ice.freezer.freeze(ice.id)
    assert (ice.state, ice.status, ice.id in ice.freezer) == (State.PAUSED, Status.PAUSED, True)
    await ice.freezer.thaw(ice.id)
    assert (ice.state, ice.status, ice.id in ice.freezer) == (State.WARM, Status.RUNNING, False)


async def test_what_is_somebodys_by_then_or_over_or_gone_is_not_paused(ice: Ice) -> None:
    ice.house.pools.hand_over(ice.instance)
    over = ice.add()
    ice.house.pools.end(over.id, Reason.SURPLUS)
    for instance_id in (ice.id, over.id, "nosuch"):
        await ice.freezer.freeze(instance_id)
    assert ice.engine.calls == []


async def test_one_that_runs_is_not_thawed(ice: Ice) -> None:
    await ice.freezer.thaw(ice.id)
    assert ice.engine.calls == []


async def test_one_that_was_given_away_while_it_was_being_paused_ends_running(ice: Ice) -> None:
    ice.engine.hang("pause")
    freezing = await ice.begin(ice.freezer.freeze(ice.id))
    ice.house.pools.hand_over(ice.instance)
    thawing = await ice.begin(ice.freezer.thaw(ice.id))
    assert ice.engine.called("unpause") == 0
    ice.engine.release("pause")
    await asyncio.gather(freezing, thawing)
    assert (ice.state, ice.status, ice.id in ice.freezer) == (State.ASSIGNED, Status.RUNNING, False)


async def test_one_that_ended_while_it_was_being_paused_stays_ended(ice: Ice) -> None:
    ice.engine.hang("pause")
    freezing = await ice.begin(ice.freezer.freeze(ice.id))
    ice.house.pools.end(ice.id, Reason.SURPLUS)
    ice.engine.release("pause")
    await freezing
    assert ice.state is State.DRAINING


async def test_one_that_ended_while_it_was_being_thawed_stays_ended(ice: Ice) -> None:
    await ice.freezer.freeze(ice.id)
    ice.engine.hang("unpause")
    thawing = await ice.begin(ice.freezer.thaw(ice.id))
    ice.house.pools.end(ice.id, Reason.DRAINED)
    ice.engine.release("unpause")
    await thawing
    assert ice.state is State.DRAINING


async def test_after_a_pause_that_failed_nobody_knows_so_a_thaw_asks_the_engine(ice: Ice) -> None:
    ice.engine.fail("pause", EngineError("no"))
    with pytest.raises(EngineError):
        await ice.freezer.freeze(ice.id)
    assert ice.state is State.WARM
    await ice.freezer.thaw(ice.id)
    assert ice.engine.called("unpause") == 1
    assert ice.id not in ice.freezer


async def test_after_an_unpause_that_failed_or_was_given_up_it_still_counts_as_paused(ice: Ice) -> None:
    await ice.freezer.freeze(ice.id)
    ice.engine.fail("unpause", EngineError("no"))
    with pytest.raises(EngineError):
        await ice.freezer.thaw(ice.id)
    ice.engine.hang("unpause")
    given_up = await ice.begin(ice.freezer.thaw(ice.id))
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    assert (ice.state, ice.id in ice.freezer) == (State.PAUSED, True)
    ice.engine.release("unpause")
    await ice.freezer.thaw(ice.id)
    assert (ice.state, ice.status) == (State.WARM, Status.RUNNING)


async def test_each_instance_waits_for_its_own_changes_only(ice: Ice) -> None:
    other = ice.add()
    ice.engine.hang("pause")
    freezing = await ice.begin(ice.freezer.freeze(ice.id))
    ice.engine._gates.clear()
    await ice.freezer.freeze(other.id)
    found = ice.house.roster.get(other.id)
    assert found is not None
    assert found.state is State.PAUSED
    freezing.cancel()
    await asyncio.gather(freezing, return_exceptions=True)


@pytest.mark.parametrize("frozen", [True, False])
async def test_what_others_paused_or_let_run_is_put_right(ice: Ice, *, frozen: bool) -> None:
    if frozen:
        await ice.freezer.freeze(ice.id)
    meant = ice.status
    ice.engine.world.instances[ice.id].status = Status.RUNNING if frozen else Status.PAUSED
    await ice.freezer.mend(ice.id, paused=not frozen)
    assert ice.status is meant


@pytest.mark.parametrize("frozen", [True, False])
async def test_what_is_as_it_should_be_is_left_alone(ice: Ice, *, frozen: bool) -> None:
    if frozen:
        await ice.freezer.freeze(ice.id)
    before = len(ice.engine.calls)
    await ice.freezer.mend(ice.id, paused=frozen)
    assert len(ice.engine.calls) == before


async def test_what_is_being_changed_is_not_put_right_meanwhile(ice: Ice) -> None:
    ice.engine.hang("pause")
    freezing = await ice.begin(ice.freezer.freeze(ice.id))
    await ice.freezer.mend(ice.id, paused=False)
    ice.engine.release("pause")
    await freezing
    assert [name for name, _ in ice.engine.calls] == ["pause"]


async def test_what_is_over_or_unknown_is_not_put_right(ice: Ice) -> None:
    ice.house.pools.end(ice.id, Reason.SURPLUS)
    await ice.freezer.mend(ice.id, paused=True)
    await ice.freezer.mend("nosuch", paused=True)
    assert ice.engine.calls == []


async def test_nothing_is_kept_of_an_instance_that_is_gone(ice: Ice) -> None:
    await ice.freezer.freeze(ice.id)
    ice.freezer.forget(ice.id)
    assert ice.id not in ice.freezer
    assert not ice.freezer._locks
