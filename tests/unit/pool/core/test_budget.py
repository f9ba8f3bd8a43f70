from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from pool.core.actions import Destroy, End, Pause, Start, Unpause
from pool.core.budget import charged, resolve
from pool.core.observed import Host
from pool.core.plan import plan
from pool.core.roster import Roster
from pool.core.states import PREPARING, READY, Reason, State
from tests.unit.pool.core.making import MIB, instance, wanted

if TYPE_CHECKING:
    from pool.core.instance import Instance
    from pool.core.observed import Wanted

LIMIT = 2


def test_a_configured_budget_is_taken_as_it_is() -> None:
    assert resolve(123, available=5, reserve=10) == 123


def test_an_automatic_budget_leaves_the_reserve_free_and_is_never_negative() -> None:
    assert resolve(None, available=4096, reserve=512) == 3584
    assert resolve(None, available=100, reserve=512) == 0


def test_everything_that_is_not_gone_is_charged() -> None:
    states = [state for state in State if state is not State.GONE]
    assert charged(instance(state, state, charge=1) for state in State) == len(states)


sizes = st.integers(min_value=1, max_value=8).map(lambda n: n * 64 * MIB)
pools = st.lists(
    st.builds(
        lambda limit, target, extra, hot: (limit, target, target + extra, hot),
        sizes,
        st.integers(0, 5),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=3,
).map(
    lambda shapes: tuple(
        wanted(f"p{n}", limit=limit, target=target, max=most, hot=hot)
        for n, (limit, target, most, hot) in enumerate(shapes)
    )
)
EVENTS = ["plan", "warm", "fail", "assign", "end", "gone", "later", "measure", "wait", "strain", "calm"]
events = st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 99)), max_size=120)


class History:
    """A roster that lives through random events, as the keeper would let it."""

    def __init__(self, budget: int, pools: tuple[Wanted, ...]) -> None:
        self.roster = Roster(budget)
        self.pools = pools
        self.now = 0.0
        self.made = 0
        self.waiting = dict.fromkeys((pool.pool for pool in pools), 0)
        self.strained = False
        self.measures = dict.fromkeys(self.waiting, 0)

    def plan(self) -> None:
        current = [
            replace(
                pool,
                start_at=self.roster.health(pool.pool).retry_at,
                waiting=self.waiting[pool.pool],
                measures=self.measures[pool.pool],
            )
            for pool in self.pools
        ]
        observed = self.roster.observed(Host(room=-1 if self.strained else None))
        for action in plan(observed, current, self.roster.budget, self.now, start_concurrency=LIMIT):
            match action:
                case Start(pool):
                    limit = next(p.limit for p in self.pools if p.pool == pool)
                    self.made += 1
                    self.roster.begin(instance(f"i{self.made}", State.STARTING, pool=pool, charge=limit))
                case Pause(name):
                    self.roster.step(name, State.PAUSED, self.now)
                case Unpause(name):
                    self.roster.step(name, State.WARM, self.now)
                case End(name, reason):
                    self.roster.end(name, reason, self.now)
                case Destroy(name):
                    self.roster.take_off(name)
                case _:
                    pass

    def measure(self, found: Instance, percent: int) -> None:
        size = found.limit * percent // 100
        self.measures[found.pool] = max(size, self.measures[found.pool])
        if not self.roster.recharge(found.id, size):
            self.roster.end(found.id, Reason.EVICTED, self.now)

    def pick(self, states: frozenset[State], which: int) -> Instance | None:
        found = [i for i in self.roster if i.state in states]
        return found[which % len(found)] if found else None

    def happen(self, event: str, which: int) -> None:  # noqa: C901 - one case an event
        self.now += 0.5
        match event:
            case "plan":
                self.plan()
            case "later":
                self.now += 400.0
            case "warm" if found := self.pick(PREPARING, which):
                step = State.WARMING if found.state is State.STARTING else State.WARM
                self.roster.step(found.id, step, self.now)
            case "fail" if found := self.pick(PREPARING, which):
                self.roster.start_failed(found.pool, "no", self.now, 0.5)
                self.roster.end(found.id, Reason.START_FAILED, self.now)
            case "assign":
                pool = self.pools[which % len(self.pools)].pool
                if free := self.roster.assignable(pool, "g1"):
                    self.roster.assign(free[0].id, self.now)
                    self.waiting[pool] = max(0, self.waiting[pool] - 1)
            case "measure" if found := self.pick(READY, which):
                self.measure(found, which + 1)
            case "wait":
                self.waiting[self.pools[which % len(self.pools)].pool] += 1
            case "strain" | "calm":
                self.strained = event == "strain"
            case "end" if found := self.pick(frozenset({State.ASSIGNED}), which):
                self.roster.end(found.id, Reason.IDLE, self.now)
            case "gone" if found := self.pick(frozenset({State.DRAINING}), which):
                self.roster.forget(found.id, self.now)
            case _:
                pass


@given(st.integers(0, 4096).map(lambda n: n * MIB), pools, events)
def test_no_history_passes_the_budget_the_starts_or_a_pools_max(
    budget: int, shapes: tuple[Wanted, ...], story: list[tuple[str, int]]
) -> None:
    history = History(budget, shapes)
    for event, which in story:
        history.happen(event, which)
        everything = list(history.roster)
        assert history.roster.charged <= budget
        assert sum(i.state in PREPARING for i in everything) <= LIMIT
        for pool in shapes:
            assert sum(i.pool == pool.pool for i in everything) <= pool.max


@given(pools, events)
def test_every_history_settles_with_every_pool_at_its_wanted_size(
    shapes: tuple[Wanted, ...], story: list[tuple[str, int]]
) -> None:
    history = History(10**12, shapes)
    for event, which in story:
        history.happen(event, which)
    history.waiting = dict.fromkeys(history.waiting, 0)
    history.strained = False
    for found in history.roster:
        if found.state is State.ASSIGNED:
            history.happen("end", 0)
    for _ in range(60):
        history.happen("later", 0)
        history.plan()
        for step in ("gone", "warm", "warm", "gone", "warm", "warm"):
            history.happen(step, 0)
    for pool in shapes:
        census = history.roster.census(pool.pool)
        assert census[State.WARM] + census[State.PAUSED] == pool.target
        assert census[State.WARM] <= pool.hot


@settings(deadline=None, max_examples=int(os.environ.get("EXAMPLES", "100")))
@given(
    st.integers(256, 4096).map(lambda n: n * MIB),
    pools,
    st.lists(st.integers(10, 100), min_size=1, max_size=7),
)
def test_left_alone_every_pool_comes_to_rest_whatever_instances_measure(
    budget: int, shapes: tuple[Wanted, ...], percents: list[int]
) -> None:
    """Nothing is started only to be given up again, round after round."""
    history = History(budget, shapes)
    last_start = 0
    for turn in range(150):
        made = history.made
        history.now += 1.0
        history.plan()
        for found in history.roster:
            if found.state is State.DRAINING:
                history.roster.forget(found.id, history.now)
            elif found.state in PREPARING:
                step = State.WARMING if found.state is State.STARTING else State.WARM
                history.roster.step(found.id, step, history.now)
            elif found.state in READY and found.charge == found.limit:
                history.measure(found, percents[int(found.id[1:]) % len(percents)])
        if history.made != made:
            last_start = turn
    assert last_start < 100
