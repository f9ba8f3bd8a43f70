"""Who makes room for whom: visitors before idle instances, busy pools before idle ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.core.actions import Destroy, End, Start
from pool.core.observed import Host
from pool.core.states import Reason, State
from tests.unit.pool.core.making import MIB, instance, planned, wanted

if TYPE_CHECKING:
    from pool.core.actions import Action
    from pool.core.instance import Instance

G = 1024 * MIB
SHORT = Host(room=-1)


def warm(name: str, at: float, pool: str = "jupyter", charge: int = 100 * MIB) -> Instance:
    return instance(name, State.WARM, created_at=at, charge=charge, limit=512 * MIB, pool=pool)


def ended(actions: list[Action], reason: Reason = Reason.EVICTED) -> list[str]:
    return [a.instance for a in actions if isinstance(a, End) and a.reason is reason]


def test_measured_instances_leave_room_for_one_assignment() -> None:
    there = [warm(f"i{n}", float(n)) for n in range(10)]
    pools = (wanted(target=10),)
    assert ended(planned(*there, pools=pools, budget=1412 * MIB)) == []
    assert ended(planned(*there, pools=pools, budget=1411 * MIB)) == ["i1"]


def test_room_for_the_next_visitor_is_not_made_at_the_cost_of_the_last_one_ready() -> None:
    visitor = instance("visitor", State.ASSIGNED, last_activity=0.0)
    assert planned(warm("a", 1.0), visitor, pools=(wanted(target=1),), budget=700 * MIB) == []


def test_a_start_that_would_have_to_leave_again_is_not_begun() -> None:
    there = [warm(f"i{n}", float(n)) for n in range(5)]
    pools = (wanted(target=10, measures=100 * MIB),)
    assert planned(*there, pools=pools, budget=1012 * MIB) == [Start("jupyter")]
    assert planned(*there, pools=pools, budget=1011 * MIB) == []


def test_those_in_line_are_given_room_to_grow_by_instances_nobody_waits_for() -> None:
    there = [warm(f"i{n}", float(n)) for n in range(10)]
    actions = planned(*there, pools=(wanted(target=10, waiting=2),), budget=1000 * MIB + 412 * MIB)
    assert ended(actions) == ["i2", "i3", "i4", "i5", "i6"]


def test_an_idle_pool_makes_room_for_those_who_wait_for_another() -> None:
    idle = [warm(f"i{n}", float(n), pool="idle", charge=512 * MIB) for n in range(2)]
    pools = (wanted("idle", target=2), wanted("busy", target=0, waiting=1))
    actions = planned(*idle, pools=pools, budget=G)
    assert ended(actions) == ["i0"]
    assert Destroy("i0") in actions


def test_nobody_is_evicted_while_enough_is_on_its_way_out() -> None:
    idle = warm("i0", 0.0, pool="idle", charge=512 * MIB)
    leaving = instance("gone soon", State.DRAINING, reason=Reason.IDLE, pool="idle")
    pools = (wanted("idle", target=1), wanted("busy", target=0, waiting=1))
    assert ended(planned(idle, leaving, pools=pools, budget=G)) == []


def test_nobody_is_evicted_for_a_start_that_may_not_begin() -> None:
    idle = [warm(f"i{n}", float(n), pool="idle", charge=512 * MIB) for n in range(2)]
    for busy in (wanted("busy", waiting=1, start_at=9.0), wanted("busy", target=0, waiting=1, max=0)):
        assert ended(planned(*idle, pools=(wanted("idle", target=2), busy), budget=G)) == []


def test_what_those_in_line_are_about_to_get_is_never_evicted() -> None:
    there = [warm("a", 1.0, pool="a", charge=512 * MIB), warm("b", 2.0, pool="b", charge=512 * MIB)]
    pools = (wanted("a", target=1, waiting=1), wanted("b", target=1, waiting=2))
    assert ended(planned(*there, pools=pools, budget=G)) == []


def test_a_busier_pool_gets_a_share_of_an_idle_ones_instances_and_no_more() -> None:
    idle = [warm(f"i{n}", float(n), pool="idle", charge=512 * MIB) for n in range(4)]
    pools = (wanted("idle", target=4), wanted("busy", target=4))
    assert ended(planned(*idle, pools=pools, budget=2 * G)) == ["i0"]
    evened = [*idle[2:], *(warm(f"b{n}", float(n), pool="busy", charge=512 * MIB) for n in range(2))]
    assert ended(planned(*evened, pools=pools, budget=2 * G)) == []


def test_no_stock_is_started_in_the_room_that_those_in_line_need_to_grow() -> None:
    there = [warm(f"a{n}", float(n), charge=400 * MIB) for n in range(3)]
    pools = (wanted(target=4, waiting=1, measures=400 * MIB),)
    budget = 3 * 400 * MIB + 512 * MIB
    assert Start("jupyter") in planned(*there, pools=pools, budget=budget + 112 * MIB)
    assert Start("jupyter") not in planned(*there, pools=pools, budget=budget + 111 * MIB)


def test_an_older_generation_gives_way_where_the_room_is_too_small_for_a_start_that_could_stay() -> None:
    old = instance("old", State.WARM, generation="g0", charge=400 * MIB, limit=512 * MIB, created_at=1.0)
    pools = (wanted(target=2, measures=500 * MIB),)
    needed = 112 * MIB + 500 * MIB
    beside = (old, warm("new", 2.0, charge=400 * MIB))
    assert planned(*beside, pools=pools, budget=800 * MIB + needed) == [Start("jupyter")]
    assert ended(planned(*beside, pools=pools, budget=800 * MIB + needed - 1), Reason.STALE) == ["old"]


def test_shares_are_not_evened_out_by_what_those_in_line_are_about_to_get() -> None:
    ready = warm("a0", 1.0, pool="a", charge=512 * MIB)
    starting = instance("a1", State.STARTING, pool="a")
    pools = (wanted("a", target=2, waiting=2), wanted("b", target=3))
    assert ended(planned(ready, starting, pools=pools, budget=G)) == []


def test_shares_are_not_evened_out_for_a_pool_that_may_not_refill_yet() -> None:
    there = [warm(f"a{n}", float(n), pool="a", charge=512 * MIB) for n in range(3)]
    poor = warm("c0", 0.0, pool="c", charge=512 * MIB)
    pools = (wanted("a", target=3), wanted("c", target=3, refill_at=2.0))
    assert ended(planned(*there, poor, pools=pools, budget=2 * G, now=1.9)) == []
    assert ended(planned(*there, poor, pools=pools, budget=2 * G, now=2.0)) == ["a0"]


def test_a_host_short_of_memory_loses_the_oldest_idle_instance_one_at_a_time_and_gets_none() -> None:
    session = instance("session", State.ASSIGNED, last_activity=0.0)
    there = [warm("young", 2.0), warm("old", 1.0), session]
    actions = planned(*there, host=SHORT)
    assert actions == [End("old", Reason.PRESSURE), Destroy("old")]
    leaving = instance("old", State.DRAINING, reason=Reason.PRESSURE)
    assert planned(there[0], session, leaving, host=SHORT, in_flight=frozenset({"old"})) == []


def test_who_waits_gets_a_start_though_nothing_is_to_be_kept_ready() -> None:
    assert planned(pools=(wanted(target=0, waiting=1),)) == [Start("jupyter")]


def test_nothing_starts_that_the_host_itself_has_no_room_for() -> None:
    assert planned(host=Host(room=512 * MIB)) == [Start("jupyter")]
    assert planned(host=Host(room=511 * MIB)) == []
    starting = instance("a", State.STARTING)
    assert planned(starting, host=Host(room=1023 * MIB)) == []


def test_a_host_whose_programs_wait_for_memory_is_short_of_it_whatever_is_available() -> None:
    actions = planned(warm("a", 1.0), host=Host(room=100 * G, stalled=True))
    assert actions == [End("a", Reason.PRESSURE), Destroy("a")]


def test_what_is_being_made_to_run_for_a_visitor_is_given_up_for_nothing() -> None:
    there = [warm("theirs", 1.0, charge=512 * MIB), warm("idle", 2.0)]
    theirs = frozenset({"theirs"})
    assert planned(*there, budget=600 * MIB, pools=(wanted(target=0),), promised=theirs) == [
        End("idle", Reason.SURPLUS),
        Destroy("idle"),
    ]
    assert ended(planned(there[0], host=SHORT, promised=theirs), Reason.PRESSURE) == []
