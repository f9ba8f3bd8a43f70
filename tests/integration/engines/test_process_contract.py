from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pool.engines.process import ProcessEngine
from tests.support.engine_contract import EngineContract
from tests.support.engine_rig import Rig

if TYPE_CHECKING:
    from pathlib import Path


class ProcessRig(Rig):
    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root

    def make(self, gateway_id: str) -> ProcessEngine:
        return ProcessEngine(self.root, gateway_id, watch_every=0.1)


class TestProcessEngine(EngineContract):
    @pytest.fixture
    def rig(self, tmp_path: Path) -> ProcessRig:
        return ProcessRig(tmp_path)
