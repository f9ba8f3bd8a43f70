from __future__ import annotations

import pytest

from pool.engines.docker import DockerEngine
from tests.support.engine_contract import EngineContract, ReachContract
from tests.support.engine_rig import Rig

pytestmark = pytest.mark.docker


class DockerRig(Rig):
    def make(self, gateway_id: str) -> DockerEngine:
        return DockerEngine(gateway_id)


class PublishedRig(Rig):
    """As on Docker Desktop: container addresses are out of reach."""

    def make(self, gateway_id: str) -> DockerEngine:
        return DockerEngine(gateway_id, local=lambda _bridge, _address: False)


class TestDockerEngine(EngineContract):
    @pytest.fixture
    def rig(self) -> DockerRig:
        return DockerRig()


class TestDockerEngineWithPublishedPorts(ReachContract):
    @pytest.fixture
    def rig(self) -> PublishedRig:
        return PublishedRig()
