from __future__ import annotations

import pytest

from config import PoolSettings, Settings
from gateway.doctor.limits import Limits, judge, sessions
from gateway.doctor.verdict import Level

GIB = 2**30
SETTINGS = Settings(pools=(PoolSettings(name="a", max=30), PoolSettings(name="b", max=20)))
PLENTY = Limits(files=100_000, processes={"kernel.pid_max": 4_194_304, "kernel.threads-max": 200_000})


def judged(limits: Limits, *, local: bool = True) -> list[Level]:
    return [verdict.level for verdict in judge(limits, SETTINGS, budget=100 * GIB, local=local)]


def test_there_are_as_many_sessions_as_max_and_budget_allow() -> None:
    assert sessions(SETTINGS, 100 * GIB) == 50
    assert sessions(SETTINGS, GIB) == 2


def test_a_host_with_room_for_all_sessions_is_well() -> None:
    assert judged(PLENTY) == [Level.OK, Level.OK]
    assert judged(Limits(files=-1, processes=PLENTY.processes)) == [Level.OK, Level.OK], "any number"


@pytest.mark.parametrize(
    ("limits", "remedy"),
    [
        (Limits(1024, PLENTY.processes), "LimitNOFILE=1200"),
        (Limits(100_000, {"kernel.pid_max": 4096}), "sysctl -w kernel.pid_max=14800"),
    ],
)
def test_a_limit_that_all_sessions_at_once_would_meet_is_told_with_the_number_needed(
    limits: Limits, remedy: str
) -> None:
    found = [v for v in judge(limits, SETTINGS, budget=100 * GIB, local=True) if v.level is Level.WARN]
    assert len(found) == 1
    assert remedy in found[0].remedy


def test_processes_on_another_machine_are_not_counted_here() -> None:
    assert judged(Limits(100_000, {"kernel.pid_max": 1}), local=False) == [Level.OK]
