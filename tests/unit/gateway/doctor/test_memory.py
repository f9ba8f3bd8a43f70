from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.doctor.memory import Memory, judge
from gateway.doctor.verdict import Level

GIB = 2**30
FREE = Memory(total=16 * GIB, available=8 * GIB, swap_used=0, swap_total=2 * GIB)


@pytest.mark.parametrize(
    ("budget", "used", "level"),
    [
        (7 * GIB, 0, Level.OK),
        (8 * GIB, 0, Level.WARN),
        (10 * GIB, 3 * GIB, Level.OK),
        (10 * GIB, 1 * GIB, Level.WARN),
        (17 * GIB, 10 * GIB, Level.FAIL),
    ],
)
def test_a_budget_fits_when_what_is_left_of_it_and_the_reserve_are_available(
    budget: int, used: int, level: Level
) -> None:
    verdict = next(judge(FREE, budget=budget, reserve=GIB, used=used))
    assert verdict.level is level


def test_the_budget_that_is_advised_is_one_that_fits() -> None:
    verdict = next(judge(FREE, budget=10 * GIB, reserve=GIB, used=GIB))
    assert '[memory] budget = "8192MiB"' in verdict.remedy
    assert next(judge(FREE, budget=8 * GIB, reserve=GIB, used=GIB)).level is Level.OK


def test_swap_in_use_is_told_and_a_little_of_it_is_not() -> None:
    for used, level in ((0, Level.OK), (2**20, Level.OK), (GIB, Level.WARN)):
        *_, verdict = judge(replace(FREE, swap_used=used), budget=GIB, reserve=0, used=0)
        assert verdict.level is level
