from __future__ import annotations

from config import Kind, PoolSettings, Settings
from gateway.doctor.process import judge, programs
from gateway.doctor.verdict import Level


def test_each_pools_program_is_looked_for_where_the_engine_looks() -> None:
    settings = Settings(
        pools=(PoolSettings(name="a", command=("sh",)), PoolSettings(name="b", command=("no-such",)))
    )
    assert programs(settings) == {"sh": True, "no-such": False}


def test_a_kind_that_starts_a_program_of_its_own_needs_that_one() -> None:
    pools = (
        PoolSettings(name="a"),
        PoolSettings(name="b", kind=Kind.PLUTO),
        PoolSettings(name="c", kind=Kind.GENERIC),
    )
    assert set(programs(Settings(pools=pools))) == {"jupyter-lab", "julia"}


def test_a_missing_program_fails_with_what_to_install() -> None:
    verdicts = [v for v in judge({"jupyter-lab": False, "app": False}, root=False) if v.level is Level.FAIL]
    assert ["warmgate[jupyter]" in v.remedy for v in verdicts] == [True, False]


def test_processes_are_always_warned_of_as_they_isolate_nobody() -> None:
    for root, who in ((True, "root"), (False, "own user")):
        *_, verdict = judge({}, root=root)
        assert verdict.level is Level.WARN
        assert who in verdict.finding
