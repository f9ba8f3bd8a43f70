"""Everything at once, in any order: visitors, a faulty engine, crashes, changed settings, a short host.

Whatever happens nobody shares an instance, the budget holds, no session is lost in silence and no instance is
forgotten; and once the trouble is over everybody who still waits is served and every pool is full again.

`EXAMPLES` and `STEPS` in the environment make the search longer.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from config import OnStop, PoolSettings, Sizing
from gateway import assignment
from pool.core.states import READY, Reason, State
from pool.engines.engine import Status
from pool.errors import EngineError, EngineUnavailable, StartFailed
from pool.journal import replay
from tests.support.house import MIB
from tests.support.lives import CALL_LIMIT, Town, Visitor

if TYPE_CHECKING:
    from collections.abc import MutableMapping

LIMIT = 64 * MIB
IDLE = 40.0
AGE = 300.0
PATIENCE = 20.0
PAGE = 8.0
"""Seconds of a visit in the end, from the notebook to its end."""
BOUND = 900.0
"""Seconds in which everybody who waits is served once nothing goes wrong any more. Longer than the longest
session, the longest back-off and a removal that is tried again, one after another.
"""
METHODS = ["start", "destroy", "pause", "unpause", "list", "measure", "connect", "resolve", "events"]
ERRORS = [EngineUnavailable("gone"), EngineError("refused"), StartFailed("did not come up")]
TORN = b'{"op":"assigned","inst'
NAMES = ["a", "b", "c"]

which = st.integers(0, 50)
pools = st.builds(
    lambda warm, more, hot, memory: {
        "warm": warm,
        "max": max(1, warm + more),
        "hot": hot,
        "memory": memory * LIMIT,
    },
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(1, 2),
)


def pool_settings(name: str, values: dict[str, Any], **changes: Any) -> PoolSettings:
    fixed = {
        "name": name,
        "sizing": Sizing.STATIC,
        "idle_timeout": IDLE,
        "max_age": AGE,
        "start_timeout": 30.0,
    }
    return PoolSettings.model_validate(fixed | values | changes)


class PoolMachine(RuleBasedStateMachine):
    """The pools of one town, from their first gateway to the last."""

    town: Town

    @initialize(
        shapes=st.lists(pools, min_size=1, max_size=3),
        budget=st.integers(2, 8).map(lambda n: n * LIMIT),
        measured=st.booleans(),
    )
    def move_in(self, shapes: list[dict[str, Any]], budget: int, *, measured: bool) -> None:
        self.patches = pytest.MonkeyPatch()
        self.folder = tempfile.TemporaryDirectory()
        settings = [pool_settings(name, values) for name, values in zip(NAMES, shapes, strict=False)]
        self.town = Town(Path(self.folder.name), settings, budget, measured)
        self.patches.setattr(assignment, "accepts", self.town.accepts)
        structlog.configure(processors=[self.hear])
        self.over_budget = False
        self.unnoticed: set[str] = set()
        self.meddled: set[str] = set()
        self.versions = 0

    def hear(self, _logger: object, _name: str, event: MutableMapping[str, Any]) -> str:
        """Nothing is printed; a task that ended by a bug is noted."""
        if event["event"] == "task_failed":
            self.town.wrong.append(repr(event["exc_info"]))
        raise structlog.DropEvent

    def pick(self, at: int, *statuses: Status) -> str | None:
        found = [i for i, instance in self.town.world.instances.items() if instance.status in statuses]
        return found[at % len(found)] if found else None

    def waiting(self) -> list[Visitor]:
        return [visitor for visitor in self.town.visitors if visitor.waits]

    def visiting(self) -> list[Visitor]:
        """Return those whose session goes on."""
        return [v for v in self.town.visitors if v.session and self.town.house.pools.find(v.session)]

    # What visitors do.

    @rule(
        at=which,
        patience=st.sampled_from([None, PATIENCE, PATIENCE]),
        gone=st.sampled_from([False, False, True]),
    )
    def somebody_comes(self, at: int, patience: float | None, *, gone: bool) -> None:
        names = [pool.name for pool in self.town.pools]
        self.town.arrives(names[at % len(names)], patience).gone = gone

    @rule(at=which)
    @precondition(lambda self: self.waiting())
    def one_in_line_asks(self, at: int) -> None:
        self.town.polls(self.waiting()[at % len(self.waiting())])

    @rule()
    def all_in_line_ask(self) -> None:
        for visitor in self.waiting():
            self.town.polls(visitor)

    @rule(at=which)
    @precondition(lambda self: self.waiting())
    def one_in_line_leaves(self, at: int) -> None:
        self.waiting()[at % len(self.waiting())].gone = True

    @rule(at=which)
    @precondition(lambda self: self.visiting())
    def a_notebook_is_used(self, at: int) -> None:
        session = self.town.house.pools.find(self.visiting()[at % len(self.visiting())].session)
        assert session is not None
        session.claim()
        session.touch()

    @rule(at=which)
    @precondition(lambda self: self.visiting())
    def a_notebook_is_closed(self, at: int) -> None:
        self.town.house.pools.end(self.visiting()[at % len(self.visiting())].instance, Reason.SHUTDOWN)

    # What instances and the engine do.

    @rule(at=which, memory=st.booleans())
    def one_dies(self, at: int, *, memory: bool) -> None:
        if (instance := self.pick(at, Status.RUNNING, Status.PAUSED)) is not None:
            self.town.world.die(instance, out_of_memory=memory)

    @rule(at=which)
    def one_is_lost(self, at: int) -> None:
        if (instance := self.pick(at, *Status)) is not None:
            self.town.world.lose(instance)

    @rule(at=which)
    def somebody_meddles_with_one(self, at: int) -> None:
        if (instance := self.pick(at, Status.RUNNING, Status.PAUSED)) is not None:
            found = self.town.world.instances[instance]
            found.status = Status.RUNNING if found.status is Status.PAUSED else Status.PAUSED
            self.meddled.add(instance)

    @rule(at=which, percent=st.integers(5, 110))
    def one_grows_or_shrinks(self, at: int, percent: int) -> None:
        if (instance := self.pick(at, Status.RUNNING, Status.PAUSED)) is not None:
            found = self.town.world.instances[instance]
            found.memory = found.launch.memory * percent // 100

    @rule()
    def the_engine_goes(self) -> None:
        self.town.engine.down = EngineUnavailable("gone")
        self.town.world.ring()

    @rule()
    def the_engine_comes(self) -> None:
        self.town.engine.down = None

    @rule(method=st.sampled_from(METHODS), error=st.sampled_from(ERRORS), times=st.integers(1, 3))
    def calls_fail(self, method: str, error: EngineError, times: int) -> None:
        if method == "start" or not isinstance(error, StartFailed):
            self.town.engine.fail(method, error, times)

    @rule(method=st.sampled_from(METHODS))
    def calls_hang(self, method: str) -> None:
        if method not in self.town.engine.hanging():
            self.town.engine.hang(method)

    @rule()
    def calls_go_on(self) -> None:
        for method in self.town.engine.hanging():
            self.town.engine.release(method)

    @rule(late=st.booleans())
    def the_answer_to_a_start_is_lost(self, *, late: bool) -> None:
        if late:
            self.town.engine.late = 1
        else:
            self.town.engine.unheard = 1

    @rule()
    @precondition(lambda self: self.town.on_their_way)
    def what_nobody_waits_for_any_more_appears(self) -> None:
        self.unnoticed.add(self.town.appear())

    # What the operator does.

    @rule(torn=st.sampled_from([b"", TORN]))
    def the_gateway_is_killed_and_starts_again(self, torn: bytes) -> None:
        self.town.crash(torn)
        self.begin_again()

    @rule(on_stop=st.sampled_from(OnStop))
    def the_gateway_is_stopped_and_starts_again(self, on_stop: OnStop) -> None:
        self.town.stop(on_stop)
        self.begin_again()

    def begin_again(self) -> None:
        down = self.town.engine.down
        self.town.begin()
        self.town.engine.down = down
        self.over_budget = True

    @rule(at=which, warm=st.integers(0, 4))
    def a_pool_is_scaled(self, at: int, warm: int) -> None:
        pool = self.town.pools[at % len(self.town.pools)]
        self.town.house.pools.scale(pool.name, warm)

    @rule()
    def pools_are_drained(self) -> None:
        self.town.house.pools.drain()

    @rule(at=which, inside=st.booleans(), values=pools)
    def settings_change(self, at: int, values: dict[str, Any], *, inside: bool) -> None:
        """Some change what is in an instance: a new generation."""
        self.versions += inside
        name = self.town.pools[at % len(self.town.pools)].name
        changed = pool_settings(name, values, env={"VERSION": str(self.versions)})
        self.release([changed if pool.name == name else pool for pool in self.town.pools])

    @rule()
    @precondition(lambda self: len(self.town.pools) > 1)
    def a_pool_is_taken_out(self) -> None:
        self.release(self.town.pools[:-1])

    def release(self, pools: list[PoolSettings]) -> None:
        largest = max(pool.memory for pool in pools)
        if largest <= self.town.budget:
            self.town.pools = pools
            self.town.house.pools.reconfigure(pools)

    @rule(short=st.booleans())
    def the_host_is_short_of_memory_or_not(self, *, short: bool) -> None:
        self.town.host_memory = self.town.kept.memory = -1 if short else 10**12

    @rule(full=st.booleans())
    def the_disk_is_full_or_not(self, *, full: bool) -> None:
        self.town.disk(full=full)

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 12.0]))
    def time_passes(self, seconds: float) -> None:
        self.town.loop.pass_time(seconds)

    @rule(seconds=st.sampled_from([IDLE, 125.0, AGE]))
    def time_jumps(self, seconds: float) -> None:
        self.town.clock.now += seconds

    # What must hold.

    @invariant()
    def all_is_well(self) -> None:
        self.town.loop.pass_time(0.05)
        self.nothing_went_wrong()
        self.the_budget_holds()
        self.every_session_is_in_the_journal()
        self.no_session_ends_without_a_reason()
        self.no_instance_is_forgotten()
        self.what_a_visitor_was_given_runs()

    def nothing_went_wrong(self) -> None:
        assert not self.town.wrong
        assert not self.town.running.done(), self.town.running

    def the_budget_holds(self) -> None:
        """But for what was found running, at a start or after a lost answer."""
        roster = self.town.house.roster
        strays = sum(i.charge for i in roster if i.reason is Reason.ORPHAN)
        fits = roster.charged - strays <= roster.budget
        assert fits or self.over_budget, roster
        self.over_budget = self.over_budget and not (fits and self.town.house.pools.adopted)

    def every_session_is_in_the_journal(self) -> None:
        written = replay((self.town.folder / "journal.jsonl").read_bytes())
        assert {s.instance_id for s in self.town.house.pools.sessions} <= set(written.assigned)

    def no_session_ends_without_a_reason(self) -> None:
        known = self.town.house.pools
        for visitor in self.town.visitors:
            if visitor.session and known.adopted:
                session = known.find(visitor.session)
                assert session or known.ended(visitor.session), visitor
                assert session is None or session.instance_id == visitor.instance

    def no_instance_is_forgotten(self) -> None:
        known = {instance.id for instance in self.town.house.roster}
        self.unnoticed -= known
        if self.town.house.pools.adopted:
            assert set(self.town.world.instances) <= known | self.unnoticed

    def what_a_visitor_was_given_runs(self) -> None:
        for visitor in self.visiting():
            found = self.town.world.instances.get(visitor.instance)
            if found is not None and visitor.instance not in self.meddled:
                assert found.status is not Status.PAUSED, visitor

    # And when all trouble is over.

    def teardown(self) -> None:
        if not hasattr(self, "town"):
            return
        try:
            self.recover()
            self.everybody_is_served_or_told()
            self.everything_is_as_it_should_be()
        finally:
            self.town.loop.end()
            self.town.house.journal.close()
            structlog.reset_defaults()
            self.patches.undo()
            self.folder.cleanup()

    def recover(self) -> None:
        self.town.engine.healthy()
        self.town.kept.memory = 10**12
        self.town.disk(full=False)
        while self.town.on_their_way:
            self.unnoticed.add(self.town.appear())

    def everybody_is_served_or_told(self) -> None:
        end = self.town.clock.now + BOUND
        while self.waiting() or any(v.asking and not v.asking.done() for v in self.town.visitors):
            assert self.town.clock.now < end, (self.waiting(), self.town.house.roster, self.town.house.line)
            self.all_in_line_ask()
            self.town.loop.pass_time(1.0)
            for visitor in self.visiting():
                if self.town.clock.now - visitor.seen > PAGE:
                    self.town.house.pools.end(visitor.instance, Reason.SHUTDOWN)
            self.nothing_went_wrong()

    def everything_is_as_it_should_be(self) -> None:
        pools, roster = self.town.house.pools, self.town.house.roster
        for session in pools.sessions:
            pools.end(session.instance_id, Reason.SHUTDOWN)
        self.town.loop.pass_time(100.0 + CALL_LIMIT)
        self.nothing_went_wrong()
        assert {i.state for i in roster} <= READY, roster
        assert {i.id for i in roster} == set(self.town.world.instances)
        assert roster.charged <= roster.budget
        started = self.town.engine.called("start")
        self.town.loop.pass_time(60.0)
        assert self.town.engine.called("start") == started
        for pool in pools:
            mine = [i for i in roster if i.pool == pool.name]
            assert {i.generation for i in mine} <= {pool.generation}, (mine, pool)
            assert len(mine) <= pool.warm
        # A start also leaves room for the next visitor where charges are measured.
        spare = max(pool.settings.memory for pool in pools) if self.town.measured else 0
        if sum(pool.warm * pool.settings.memory for pool in pools) + spare <= roster.budget:
            assert len(roster) == sum(pool.warm for pool in pools), (roster, list(pools))
        for instance in roster:
            paused = self.town.world.instances[instance.id].status is Status.PAUSED
            assert paused is (instance.state is State.PAUSED), instance


TestPoolMachine = PoolMachine.TestCase
TestPoolMachine.settings = settings(
    max_examples=int(os.environ.get("EXAMPLES", "40")),
    stateful_step_count=int(os.environ.get("STEPS", "40")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
