from __future__ import annotations

from pool.core.actions import Pause, Unpause
from pool.core.states import State
from tests.unit.pool.core.making import instance, planned, wanted


def test_ready_instances_beyond_hot_are_paused_and_the_oldest_stays_running() -> None:
    there = [instance(name, State.WARM, created_at=at) for name, at in (("a", 1.0), ("b", 2.0), ("c", 3.0))]
    assert planned(*there, pools=(wanted(hot=1),)) == [Pause("b"), Pause("c")]


def test_when_the_running_one_was_assigned_the_oldest_paused_one_takes_its_place() -> None:
    there = [instance(name, State.PAUSED, created_at=at) for name, at in (("a", 2.0), ("b", 1.0))]
    assert planned(*there, pools=(wanted(target=2, hot=1),)) == [Unpause("b")]


def test_what_is_being_paused_or_unpaused_is_left_alone() -> None:
    there = [instance("a", State.WARM), instance("b", State.WARM, created_at=1.0)]
    assert planned(*there, pools=(wanted(target=2, hot=1),), in_flight=frozenset({"b"})) == []


def test_nothing_is_paused_that_somebody_waits_for() -> None:
    there = [instance(name, State.WARM, created_at=at) for name, at in (("a", 1.0), ("b", 2.0), ("c", 3.0))]
    assert planned(*there, pools=(wanted(target=1, hot=0, waiting=2),)) == [Pause("c")]
