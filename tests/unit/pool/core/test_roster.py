from __future__ import annotations

import pytest

from pool.core.roster import IllegalStepError, OverBudgetError, Roster
from pool.core.states import NEXT, Reason, State
from tests.unit.pool.core.making import MIB, instance


def roster_with(*names: str, state: State = State.WARM, budget: int = 10_000 * MIB) -> Roster:
    roster = Roster(budget)
    for at, name in enumerate(names):
        roster.adopt(instance(name, state, created_at=float(at)))
    return roster


def test_an_instance_is_charged_from_its_beginning_until_it_is_forgotten() -> None:
    roster = Roster(512 * MIB)
    roster.begin(instance("a", State.STARTING))
    assert roster.charged == 512 * MIB
    roster.end("a", Reason.START_FAILED, 1.0)
    assert roster.charged == 512 * MIB
    roster.forget("a", 2.0)
    assert roster.charged == 0


def test_beginning_more_than_the_budget_holds_is_a_bug_and_is_refused() -> None:
    roster = Roster(1023 * MIB)
    roster.begin(instance("a", State.STARTING))
    with pytest.raises(OverBudgetError):
        roster.begin(instance("b", State.STARTING))


def test_the_oldest_warm_instance_is_assigned_first() -> None:
    roster = roster_with("old", "young")
    assert [i.id for i in roster.ready("jupyter", "g1")] == ["old", "young"]


def test_a_running_instance_is_preferred_to_a_paused_one() -> None:
    roster = roster_with("old", "young")
    roster.step("old", State.PAUSED, 1.0)
    assert [i.id for i in roster.ready("jupyter", "g1")] == ["young", "old"]


def test_an_assigned_instance_is_never_ready_again() -> None:
    roster = roster_with("a")
    roster.assign("a", 1.0)
    assert roster.ready("jupyter", "g1") == []
    with pytest.raises(IllegalStepError):
        roster.assign("a", 2.0)
    with pytest.raises(IllegalStepError):
        roster.step("a", State.WARM, 2.0)


def test_an_older_generation_is_handed_out_only_after_all_of_the_current_one() -> None:
    roster = roster_with("old")
    roster.adopt(instance("new", State.PAUSED, generation="g2", created_at=5.0))
    assert [i.id for i in roster.ready("jupyter", "g2")] == ["new", "old"]


def test_a_ready_instance_is_charged_what_it_measures_and_an_assigned_one_its_limit() -> None:
    roster = roster_with("a", budget=512 * MIB)
    assert roster.recharge("a", 100 * MIB)
    assert roster.charged == 100 * MIB
    roster.assign("a", 1.0)
    assert roster.charged == 512 * MIB
    assert roster.recharge("a", 100 * MIB)
    assert roster.charged == 512 * MIB


def test_what_measures_more_than_its_limit_is_charged_its_limit_and_what_measures_nothing_as_before() -> None:
    roster = roster_with("a")
    roster.recharge("a", 600 * MIB)
    assert roster.charged == 512 * MIB
    roster.recharge("a", 0)
    assert roster.charged == 512 * MIB


def test_growth_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    roster = roster_with("a", "b", budget=1024 * MIB)
    roster.recharge("a", 100 * MIB)
    roster.adopt(instance("visitor", State.ASSIGNED, charge=400 * MIB))
    assert not roster.recharge("a", 200 * MIB)
    assert roster.charged == (100 + 512 + 400) * MIB


def test_only_as_many_are_assignable_as_may_grow_to_their_limit() -> None:
    roster = roster_with("a", "b", "c", budget=1400 * MIB)
    for name in "abc":
        roster.recharge(name, 100 * MIB)
    assert [i.id for i in roster.assignable("jupyter", "g1")] == ["a", "b"]
    roster.assign("a", 1.0)
    roster.assign("b", 1.0)
    assert roster.assignable("jupyter", "g1") == []
    with pytest.raises(OverBudgetError):
        roster.assign("c", 1.0)


def test_a_promised_instance_is_out_of_sight_and_charged_its_limit_until_the_promise_is_taken_back() -> None:
    roster = roster_with("a", "b", budget=1024 * MIB)
    for name in "ab":
        roster.recharge(name, 300 * MIB)
    roster.promise("a")
    assert roster.charged == (512 + 300) * MIB
    assert [i.id for i in roster.assignable("jupyter", "g1")] == ["b"]
    assert roster.recharge("a", 200 * MIB)
    assert roster.charged == (512 + 300) * MIB
    roster.free("a")
    assert roster.charged == 600 * MIB
    assert [i.id for i in roster.assignable("jupyter", "g1")] == ["a", "b"]


def test_no_more_is_promised_than_there_is_room_for() -> None:
    roster = roster_with("a", "b", budget=900 * MIB)
    for name in "ab":
        roster.recharge(name, 300 * MIB)
    roster.promise("a")
    assert roster.assignable("jupyter", "g1") == []
    with pytest.raises(OverBudgetError):
        roster.promise("b")


def test_a_promised_instance_that_ended_is_charged_its_limit_until_it_is_gone() -> None:
    roster = roster_with("a")
    roster.recharge("a", 100 * MIB)
    roster.promise("a")
    roster.end("a", Reason.DIED, 1.0)
    roster.free("a")
    assert roster.charged == 512 * MIB


def test_ending_twice_changes_nothing_and_keeps_the_first_reason() -> None:
    roster = roster_with("a")
    assert roster.end("a", Reason.IDLE, 1.0) is not None
    assert roster.end("a", Reason.DIED, 2.0) is None
    assert roster.forget("a", 3.0).reason is Reason.IDLE


def test_an_id_is_never_taken_a_second_time() -> None:
    roster = roster_with("a")
    with pytest.raises(IllegalStepError):
        roster.begin(instance("a", State.STARTING))
    roster.end("a", Reason.IDLE, 1.0)
    roster.forget("a", 2.0)
    with pytest.raises(IllegalStepError):
        roster.begin(instance("a", State.STARTING))


def test_one_that_comes_back_after_its_removal_is_taken_in_only_to_be_removed_again() -> None:
    roster = roster_with("a")
    roster.end("a", Reason.START_FAILED, 1.0)
    roster.forget("a", 2.0)
    assert roster.gone_since("a") == 2.0
    with pytest.raises(IllegalStepError):
        roster.adopt(instance("a", State.WARMING))
    roster.adopt(instance("a", State.DRAINING, reason=Reason.ORPHAN))
    assert roster.gone_since("a") is None
    assert roster.forget("a", 3.0).reason is Reason.ORPHAN


def test_use_is_noted_only_while_a_visitor_has_it() -> None:
    roster = roster_with("a")
    roster.touch("a", 5.0)
    found = roster.get("a")
    assert found is not None
    assert found.last_activity is None
    roster.assign("a", 6.0)
    roster.touch("a", 7.0)
    found = roster.get("a")
    assert found is not None
    assert found.last_activity == 7.0


def test_failures_push_the_next_start_back_further_each_time_and_success_forgets_them() -> None:
    roster = Roster(0)
    waits = [roster.start_failed("jupyter", "no", 100.0, 0.0).retry_at - 100.0 for _ in range(4)]
    assert waits == sorted(waits)
    assert waits[-1] > waits[0] > 0
    roster.start_succeeded("jupyter")
    assert roster.health("jupyter").failures == 0


def test_gone_is_the_end_and_every_state_leads_there() -> None:
    assert NEXT[State.GONE] == frozenset()
    for state in set(State) - {State.GONE, State.DRAINING}:
        assert State.DRAINING in NEXT[state]


def test_it_says_what_it_holds() -> None:
    assert repr(roster_with("a", "b", budget=5)) == f"<Roster warm=2 charged={1024 * MIB}/5>"
