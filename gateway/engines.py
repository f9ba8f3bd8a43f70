"""Chooses the engine the configuration names, or the best one that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from config import EngineName, check_engine
from pool.engines.docker import DockerEngine
from pool.engines.process import ProcessEngine
from pool.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

    from config import Settings
    from pool.engines.engine import Engine

log = structlog.stdlib.get_logger(__name__)


async def choose(settings: Settings, state_dir: Path) -> Engine:
    """Return the engine to use. `auto` takes Docker where it answers, else processes of this machine.

    Raises ConfigError when the settings allow what the chosen engine refuses.
    """
    name = settings.engine.name
    gateway_id = settings.engine.gateway_id
    if name is not EngineName.PROCESS:
        docker = DockerEngine(gateway_id)
        if name is EngineName.DOCKER:
            return docker
        try:
            await docker.connect()
        except EngineError as error:
            await docker.close()
            log.info("docker_not_used", code=error.code, detail=error.detail)
        else:
            check_engine(settings, EngineName.DOCKER)
            return docker
    check_engine(settings, EngineName.PROCESS)
    return ProcessEngine(state_dir / "instances", gateway_id)
