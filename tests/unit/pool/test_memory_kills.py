from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from pool.memory_kills import MemoryKills
from tests.support.house import House

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def counted(house: House) -> float | None:
    return house.registry.get_sample_value("warmgate_out_of_memory_total", {"pool": "jupyter"})


def test_each_instance_counts_once_however_often_it_passes_its_limit(house: House) -> None:
    kills = MemoryKills(house.roster, house.metrics)
    one, two = house.warm(), house.warm()
    with capture_logs() as lines:
        for _ in range(100):
            kills.note(one.id)
        kills.note(two.id)
    assert counted(house) == 2.0
    assert [line["event"] for line in lines] == ["out_of_memory"] * 2


def test_what_nobody_knows_is_not_counted(house: House) -> None:
    MemoryKills(house.roster, house.metrics).note("nosuch")
    assert counted(house) == 0.0
