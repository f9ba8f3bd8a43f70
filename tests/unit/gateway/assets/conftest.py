from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config import PoolSettings
from tests.support.house import House
from tests.support.virtual_loop import VirtualLoop
from tests.unit.gateway.assets.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    house = House(tmp_path, PoolSettings(max=9), PoolSettings(name="other"))
    loop = VirtualLoop(house.clock)
    yield Stage(house, loop)
    loop.end()
