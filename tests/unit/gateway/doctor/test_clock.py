from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gateway.doctor.clock import UNSYNCHRONISED, Clock, judge, look
from gateway.doctor.verdict import Level

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("clock", "level"),
    [
        (Clock(1000.0, 900.0, 0), Level.OK),
        (Clock(1000.0, 1030.0, 0), Level.OK),
        (Clock(1000.0, 5000.0, 0), Level.FAIL),
        (Clock(1000.0, 900.0, UNSYNCHRONISED), Level.WARN),
        (Clock(1000.0, 900.0, None), Level.WARN),
        (Clock(1000.0, 900.0, -1), Level.WARN),
    ],
)
def test_a_clock_that_is_behind_our_own_files_fails_and_one_that_nobody_keeps_is_warned_of(
    clock: Clock, level: Level
) -> None:
    assert judge(clock).level is level


def test_the_newest_file_counts_and_a_missing_one_does_not(tmp_path: Path) -> None:
    late = tmp_path / "late"
    late.touch()
    os.utime(late, (4e9, 4e9))
    assert look([late, tmp_path / "missing"]).newest == 4e9
