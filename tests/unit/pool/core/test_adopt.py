from __future__ import annotations

from pool.core.adopt import Candidate, Fate, Remembered, fate

NOW = {"jupyter": "g2"}


def remembered(*, assigned: str = "", ended: str = "", whole: bool = True) -> Remembered:
    return Remembered(frozenset(assigned.split()), frozenset(ended.split()), whole)


def candidate(*, generation: str = "g2", pool: str = "jupyter", reachable: bool = True) -> Candidate:
    return Candidate("a", pool, generation, reachable)


def test_an_assigned_instance_keeps_its_session_even_when_its_pool_has_changed_or_gone() -> None:
    journal = remembered(assigned="a")
    assert fate(candidate(generation="g1"), journal, NOW) is Fate.SESSION
    assert fate(candidate(pool="removed"), journal, NOW) is Fate.SESSION


def test_a_warm_instance_of_this_generation_is_used_again() -> None:
    assert fate(candidate(), remembered(), NOW) is Fate.REUSE


def test_a_warm_instance_of_another_generation_is_removed() -> None:
    assert fate(candidate(generation="g1"), remembered(), NOW) is Fate.REMOVE
    assert fate(candidate(pool="removed"), remembered(), NOW) is Fate.REMOVE


def test_an_instance_whose_session_ended_is_never_used_again() -> None:
    assert fate(candidate(), remembered(ended="a"), NOW) is Fate.REMOVE


def test_without_a_whole_journal_nothing_is_handed_out_a_second_time() -> None:
    assert fate(candidate(), remembered(whole=False), NOW) is Fate.SESSION


def test_what_cannot_be_reached_is_removed() -> None:
    assert fate(candidate(reachable=False), remembered(assigned="a"), NOW) is Fate.REMOVE
