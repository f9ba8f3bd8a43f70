from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from pool import rounds
from pool.core.states import Reason, State
from pool.meter import Meter
from pool.rounds import SILENCES, Rounds
from tests.support.fake_engine import FakeEngine
from tests.support.house import House, ScriptedKind

if TYPE_CHECKING:
    from pathlib import Path

    from config import PoolSettings
    from pool.core.instance import Instance
    from pool.upstream import Upstream

NO_HTTP: Any = None
"""The scripted kind asks no server."""


class Listening(ScriptedKind):
    """A kind that notes who was asked; those in `silent` do not answer, those in `hanging` never return."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.silent: set[str] = set()
        self.gate: asyncio.Event | None = None

    async def probe(self, http: Any, upstream: Upstream, pool: PoolSettings) -> bool:
        self.asked.append(upstream.origin)
        if self.gate is not None:
            await self.gate.wait()
        return upstream.origin not in self.silent


class Watch:
    """A house whose instances are gone round."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.kind = Listening()
        self.house.pools._kinds = {"jupyter": self.kind}
        self.engine = FakeEngine()
        self.rounds = Rounds(self.house.pools, Meter(self.engine, self.house.pools, active=True), NO_HTTP)

    def warm(self, *, silent: bool = False) -> Instance:
        instance = self.house.warm()
        if silent:
            self.kind.silent.add(self.origin(instance))
        return instance

    def origin(self, instance: Instance) -> str:
        found = self.house.pools.upstream(instance.id)
        assert found is not None
        return found[1].origin

    def now(self, instance: Instance) -> Instance:
        found = self.house.roster.get(instance.id)
        assert found is not None
        return found


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


async def test_one_that_stays_silent_is_given_up_after_two_rounds_and_the_others_stay(watch: Watch) -> None:
    silent, fine = watch.warm(silent=True), watch.warm()
    await watch.rounds.go_once()
    assert watch.now(silent).state is State.WARM
    await watch.rounds.go_once()
    assert (watch.now(silent).state, watch.now(silent).reason) == (State.DRAINING, Reason.DIED)
    assert watch.now(fine).state is State.WARM


async def test_an_answer_in_between_makes_up_for_a_silence(watch: Watch) -> None:
    slow = watch.warm(silent=True)
    for _ in range(SILENCES):
        await watch.rounds.go_once()
        watch.kind.silent.clear()
        await watch.rounds.go_once()
        watch.kind.silent.add(watch.origin(slow))
    assert watch.now(slow).state is State.WARM


async def test_only_running_warm_instances_are_asked(watch: Watch) -> None:
    held, paused, over, warm = (watch.warm() for _ in range(4))
    watch.house.pools.hand_over(held)
    watch.house.roster.step(paused.id, State.PAUSED, watch.house.clock.now)
    watch.house.pools.end(over.id, Reason.SURPLUS)
    await watch.rounds.go_once()
    assert watch.kind.asked == [watch.origin(warm)]
    assert [about for name, about in watch.engine.calls if name == "measure"] == [warm.id]


async def test_one_given_away_while_it_was_asked_is_its_visitors_however_silent(watch: Watch) -> None:
    busy = watch.warm(silent=True)
    await watch.rounds.go_once()
    watch.kind.gate = asyncio.Event()
    going = asyncio.get_running_loop().create_task(watch.rounds.go_once())
    while len(watch.kind.asked) < 2:  # noqa: ASYNC110 - each turn of the loop is a step of the round
        await asyncio.sleep(0)
    session = watch.house.pools.assign()
    watch.kind.gate.set()
    await going
    await watch.rounds.go_once()
    assert watch.house.pools.find(session.id) is session
    assert watch.now(busy).state is State.ASSIGNED


async def test_a_server_that_accepts_and_says_nothing_is_silent(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "PROBE_LIMIT", 0.0)
    stuck = watch.warm()
    watch.kind.gate = asyncio.Event()
    for _ in range(SILENCES):
        await watch.rounds.go_once()
    assert watch.now(stuck).state is State.DRAINING


async def test_nothing_is_kept_of_those_who_are_gone(watch: Watch) -> None:
    silent = watch.warm(silent=True)
    await watch.rounds.go_once()
    watch.house.pools.end(silent.id, Reason.SURPLUS)
    await watch.rounds.go_once()
    assert watch.rounds._silent == {}
