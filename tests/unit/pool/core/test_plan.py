from __future__ import annotations

from pool.core.actions import AskBusy, Destroy, End, Start
from pool.core.states import Reason, State
from tests.unit.pool.core.making import MIB, instance, planned, wanted


def test_an_empty_pool_is_filled_no_faster_than_start_concurrency_allows() -> None:
    assert planned() == [Start("jupyter"), Start("jupyter")]


def test_instances_on_their_way_are_counted_as_supply() -> None:
    starting = instance("a", State.STARTING)
    warming = instance("b", State.WARMING)
    assert planned(starting, warming, start_concurrency=4) == [Start("jupyter")]


def test_a_full_pool_is_left_alone() -> None:
    assert planned(*(instance(name, State.WARM) for name in "abc")) == []


def test_an_assigned_instance_is_replaced_at_once() -> None:
    there = [instance("a", State.ASSIGNED), instance("b", State.WARM), instance("c", State.WARM)]
    assert planned(*there) == [Start("jupyter")]


def test_max_bounds_all_instances_of_a_pool_whatever_they_do() -> None:
    there = [instance("a", State.ASSIGNED), instance("b", State.DRAINING)]
    actions = planned(*there, pools=(wanted(max=2),), in_flight=frozenset({"b"}))
    assert actions == []


def test_nothing_starts_that_the_budget_has_no_room_for() -> None:
    assert planned(instance("a", State.ASSIGNED), budget=2 * 512 * MIB) == [Start("jupyter")]
    assert planned(instance("a", State.ASSIGNED), budget=2 * 512 * MIB - 1) == []


def test_a_draining_instance_is_charged_until_it_is_gone() -> None:
    draining = instance("a", State.DRAINING, reason=Reason.IDLE)
    actions = planned(draining, budget=512 * MIB, in_flight=frozenset({"a"}))
    assert actions == []


def test_pools_share_the_budget_and_the_emptier_one_is_served_first() -> None:
    pools = (wanted("big", target=4), wanted("small", target=1))
    there = [instance("a", State.WARM, pool="big")]
    actions = planned(*there, pools=pools, start_concurrency=3)
    assert actions == [Start("small"), Start("big"), Start("big")]


def test_of_pools_that_lack_as_much_the_one_whose_visitor_came_first_is_served_first() -> None:
    late = wanted("late", target=0, waiting=5, waiting_since=20.0)
    early = wanted("early", target=0, waiting=1, waiting_since=10.0)
    for pools in ((late, early), (early, late)):
        assert planned(pools=pools, budget=512 * MIB) == [Start("early")]


def test_nothing_is_started_for_stock_in_the_room_that_those_in_line_are_about_to_take() -> None:
    there = [instance(name, State.WARM, pool="busy", charge=10 * MIB, limit=128 * MIB) for name in "abcd"]
    other = instance("e", State.WARM, pool="other", charge=10 * MIB, limit=128 * MIB)
    pools = (
        wanted("busy", limit=128 * MIB, measures=10 * MIB, waiting=4),
        wanted("other", limit=128 * MIB, measures=10 * MIB, waiting=1),
    )
    assert planned(*there, other, pools=pools, budget=330 * MIB) == []


def test_a_failing_pool_waits_for_its_back_off_and_holds_no_other_up() -> None:
    pools = (wanted("failing", start_at=5.0), wanted("fine"))
    assert planned(pools=pools, now=4.9) == [Start("fine"), Start("fine")]
    assert Start("failing") in planned(pools=pools, now=5.0)


def test_a_draining_instance_is_destroyed_once_at_a_time() -> None:
    draining = instance("a", State.DRAINING, reason=Reason.IDLE)
    assert Destroy("a") in planned(draining)
    assert Destroy("a") not in planned(draining, in_flight=frozenset({"a"}))


def test_a_removal_that_failed_is_tried_again_later() -> None:
    draining = instance("a", State.DRAINING, reason=Reason.IDLE, retry_at=7.0)
    assert Destroy("a") not in planned(draining, now=6.0)
    assert Destroy("a") in planned(draining, now=7.0)


def test_a_session_ends_at_its_age_counted_from_its_assignment() -> None:
    session = instance("a", State.ASSIGNED, assigned_at=1000.0, last_activity=4599.0, claimed=True)
    assert End("a", Reason.MAX_AGE) not in planned(session, now=4599.9)
    assert planned(session, now=4600.0)[:2] == [End("a", Reason.MAX_AGE), Destroy("a")]


def test_an_idle_session_is_asked_whether_it_computes_before_it_ends() -> None:
    session = instance("a", State.ASSIGNED, assigned_at=0.0, last_activity=100.0, claimed=True)
    assert AskBusy("a") not in planned(session, now=699.0)
    assert AskBusy("a") in planned(session, now=700.0)
    assert AskBusy("a") not in planned(session, now=700.0, in_flight=frozenset({"a"}))


def test_a_warm_instance_of_an_older_generation_leaves_and_sessions_of_it_stay() -> None:
    there = [
        instance("old", State.WARM, generation="g0"),
        instance("visitor", State.ASSIGNED, generation="g0", assigned_at=0.0, last_activity=0.0),
    ]
    pools = (wanted(target=1),)
    assert planned(*there, instance("new", State.WARM), pools=pools) == [
        End("old", Reason.STALE),
        Destroy("old"),
    ]


def test_an_older_generation_stays_until_the_new_one_is_warm_and_leaves_one_for_one() -> None:
    old = [
        instance(name, State.WARM, generation="g0", created_at=at) for name, at in (("a", 1.0), ("b", 2.0))
    ]
    pools = (wanted(target=2),)
    assert planned(*old, pools=pools) == [Start("jupyter"), Start("jupyter")]
    actions = planned(*old, instance("new", State.WARM), pools=pools)
    assert End("a", Reason.STALE) in actions
    assert End("b", Reason.STALE) not in actions


def test_an_older_generation_that_leaves_no_room_for_the_new_one_gives_way_one_at_a_time() -> None:
    old = [
        instance(name, State.WARM, generation="g0", created_at=at) for name, at in (("a", 1.0), ("b", 2.0))
    ]
    for limits in (
        {"pools": (wanted(target=2, max=2),)},
        {"pools": (wanted(target=2),), "budget": 1024 * MIB},
    ):
        assert planned(*old, **limits) == [End("a", Reason.STALE), Destroy("a")]


def test_a_warm_instance_of_a_pool_no_longer_configured_leaves() -> None:
    stray = instance("a", State.WARM, pool="removed")
    assert End("a", Reason.STALE) in planned(stray)


def test_warm_instances_above_the_wanted_number_leave_oldest_first() -> None:
    there = [instance(name, State.WARM, created_at=at) for name, at in (("a", 3.0), ("b", 1.0), ("c", 2.0))]
    assert planned(*there, pools=(wanted(target=2),)) == [End("b", Reason.SURPLUS), Destroy("b")]


def test_a_lowered_budget_takes_warm_instances_and_never_a_session() -> None:
    there = [
        instance("visitor", State.ASSIGNED, assigned_at=0.0, last_activity=0.0),
        instance("a", State.WARM, created_at=1.0),
        instance("b", State.WARM, created_at=2.0),
    ]
    assert planned(*there, budget=2 * 512 * MIB) == [End("a", Reason.SURPLUS), Destroy("a")]
    ended = {action.instance for action in planned(*there, budget=0) if isinstance(action, End)}
    assert ended == {"a", "b"}


def test_a_pool_that_wants_nothing_warm_starts_nothing() -> None:
    assert planned(pools=(wanted(target=0),)) == []


def test_nothing_starts_while_a_visitors_page_loads_unless_the_pool_is_empty() -> None:
    pools = (wanted(refill_at=5.0),)
    assert planned(instance("a", State.WARM), pools=pools, now=4.9) == []
    assert planned(instance("a", State.WARM), pools=pools, now=5.0) != []
    assert planned(instance("a", State.ASSIGNED), pools=pools, now=4.9) != []


def test_an_instance_whose_visitor_never_came_is_taken_back_early() -> None:
    session = instance("a", State.ASSIGNED, assigned_at=0.0, last_activity=0.0)
    assert End("a", Reason.IDLE) not in planned(session, now=119.0)
    assert End("a", Reason.IDLE) in planned(session, now=120.0)
    claimed = instance("a", State.ASSIGNED, assigned_at=0.0, last_activity=0.0, claimed=True)
    assert End("a", Reason.IDLE) not in planned(claimed, now=120.0)
