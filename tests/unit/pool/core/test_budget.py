from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pool.core.budget import charged, resolve
from pool.core.plan import Destroy, End, Start, Wanted, plan
from pool.core.roster import Roster
from pool.core.states import PREPARING, READY, State
from tests.unit.pool.core.making import MIB, instance, wanted

if TYPE_CHECKING:
    from pool.core.instance import Instance

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
        lambda charge, warm, extra: (charge, warm, warm + extra), sizes, st.integers(0, 5), st.integers(0, 5)
    ),
    min_size=1,
    max_size=3,
).map(
    lambda shapes: tuple(
        wanted(f"p{n}", charge=charge, warm=warm, max=most) for n, (charge, warm, most) in enumerate(shapes)
    )
)
events = st.lists(
    st.tuples(
        st.sampled_from(["plan", "warm", "fail", "assign", "end", "gone", "later"]), st.integers(0, 99)
    ),
    max_size=120,
)


class History:
    """A roster that lives through random events, as the keeper would let it."""

    def __init__(self, budget: int, pools: tuple[Wanted, ...]) -> None:
        self.roster = Roster(budget)
        self.pools = pools
        self.now = 0.0
        self.made = 0

    def plan(self) -> None:
        health = self.roster.health
        current = [
            wanted(p.pool, charge=p.charge, warm=p.warm, max=p.max, start_at=health(p.pool).retry_at)
            for p in self.pools
        ]
        for action in plan(
            self.roster.observed(), current, self.roster.budget, self.now, start_concurrency=LIMIT
        ):
            match action:
                case Start(pool):
                    charge = next(p.charge for p in self.pools if p.pool == pool)
                    self.made += 1
                    self.roster.begin(instance(f"i{self.made}", State.STARTING, pool=pool, charge=charge))
                case End(name, reason):
                    self.roster.end(name, reason, self.now)
                case Destroy(name):
                    self.roster.take_off(name)
                case _:
                    pass

    def pick(self, states: frozenset[State], which: int) -> Instance | None:
        found = [i for i in self.roster if i.state in states]
        return found[which % len(found)] if found else None

    def happen(self, event: str, which: int) -> None:
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
                self.roster.end(found.id, "start_failed", self.now)  # type: ignore[arg-type] # any reason does
            case "assign" if found := self.pick(READY, which):
                self.roster.assign(found.id, self.now)
            case "end" if found := self.pick(frozenset({State.ASSIGNED}), which):
                self.roster.end(found.id, "idle", self.now)  # type: ignore[arg-type] # any reason does
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
    for found in history.roster:
        if found.state is State.ASSIGNED:
            history.happen("end", 0)
    for _ in range(60):
        history.happen("later", 0)
        history.plan()
        for step in ("gone", "warm", "warm", "gone", "warm", "warm"):
            history.happen(step, 0)
    for pool in shapes:
        assert history.roster.census(pool.pool)[State.WARM] == pool.warm
