"""All settings, typed and frozen. `config.load` makes one from a preset, a file, environment and flags."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from config.gateway import GatewaySettings
from config.limits import LimitsSettings
from config.pools import MIB, PoolSettings
from config.section import Section
from config.values import Budget, Count, GatewayId, Size


class EngineName(StrEnum):
    """What runs instances."""

    AUTO = "auto"
    DOCKER = "docker"
    PROCESS = "process"


class Charge(StrEnum):
    """What one instance counts for against the budget."""

    LIMIT = "limit"
    MEASURED = "measured"


class EngineSettings(Section):
    """What runs the instances."""

    name: EngineName = EngineName.AUTO
    """What runs instances: `docker`, `process` (no isolation: for one's own machine), or `auto`: Docker
    where it answers, else processes."""

    gateway_id: GatewayId = "default"
    """Label of ownership: two gateways on one engine never touch each other's instances. Changing it
    leaves the old ones running."""

    start_concurrency: Annotated[Count, Field(ge=1, le=100)] = 2
    """Instances that may start at once, over all pools. More fill the pools faster and slow visitors down."""


class MemorySettings(Section):
    """Bytes that all instances share."""

    budget: Budget = "auto"
    """Bytes for all instances together, never exceeded. `auto`: what the machine has, less `reserve`."""

    reserve: Size = 512 * MIB
    """Bytes that stay free for the host. They are taken off an `auto` budget; and when the host has less than
    this available, nothing is warmed and idle warm instances go, oldest first."""

    charge: Charge = Charge.LIMIT
    """What an instance counts for: always its memory `limit`, or, until a visitor has it, what is `measured`.
    With `measured` many more are kept warm, and some of them make room when one is assigned."""


def _some(pools: tuple[PoolSettings, ...]) -> tuple[PoolSettings, ...]:
    if not pools:
        raise ValueError("at least one table headed [[pools]]")
    return pools


class Settings(Section):
    """Everything an operator can set."""

    gateway: GatewaySettings = GatewaySettings()
    """Addresses, trust and tokens of the gateway itself."""

    engine: EngineSettings = EngineSettings()
    """What runs the instances."""

    memory: MemorySettings = MemorySettings()
    """Bytes that all instances share."""

    limits: LimitsSettings = LimitsSettings()
    """What one address, and all who wait together, may take."""

    pools: Annotated[tuple[PoolSettings, ...], AfterValidator(_some)] = (PoolSettings(),)
    """One entry for each pool. None given: one pool with every default."""
