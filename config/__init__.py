"""Settings of warmgate: typed, frozen, checked before anything starts. Imports nothing of the other rooms."""

from config.addresses import is_loopback
from config.errors import ConfigError, Problem, WarmgateError
from config.gateway import GatewaySettings, LogFormat, OnStop
from config.load import PRESETS, Loaded, load
from config.pools import Egress, Kind, Mode, PoolSettings, Sizing
from config.rules import check_engine
from config.secrets import SecretUnsafe, StateDirUnusable, ensure_secret
from config.settings import Charge, EngineName, EngineSettings, MemorySettings, Settings
from config.state import state_dir
from config.units import format_size

__all__ = [
    "PRESETS",
    "Charge",
    "ConfigError",
    "Egress",
    "EngineName",
    "EngineSettings",
    "GatewaySettings",
    "Kind",
    "Loaded",
    "LogFormat",
    "MemorySettings",
    "Mode",
    "OnStop",
    "PoolSettings",
    "Problem",
    "SecretUnsafe",
    "Settings",
    "Sizing",
    "StateDirUnusable",
    "WarmgateError",
    "check_engine",
    "ensure_secret",
    "format_size",
    "is_loopback",
    "load",
    "state_dir",
]
