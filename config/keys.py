"""The keys there are: their dotted names, their variables in the environment, their fields."""

from collections.abc import Mapping
from difflib import get_close_matches

from pydantic.fields import FieldInfo

from config.gateway import GatewaySettings
from config.limits import LimitsSettings
from config.pools import PoolSettings
from config.section import Section
from config.settings import EngineSettings, MemorySettings
from config.values import Shown

Path = tuple[str | int, ...]
"""Where a value stands: ("gateway", "port") or ("pools", 1, "memory"), maybe with an item's place behind."""

SECTIONS: Mapping[str, type[Section]] = {
    "gateway": GatewaySettings,
    "engine": EngineSettings,
    "memory": MemorySettings,
    "limits": LimitsSettings,
    "pools": PoolSettings,
}

ENV_PREFIX = "WARMGATE_"


def dotted(path: Path) -> str:
    """Write a path as people do: `pools[1].memory`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def env_name(path: Path) -> str:
    """Name the environment variable of a path: `WARMGATE_POOLS__1__MEMORY`."""
    return ENV_PREFIX + "__".join(str(part).upper() for part in path)


def key_of(path: Path) -> Path:
    """Cut the places inside a value off: ("pools", 0, "env", "A") is a place in ("pools", 0, "env")."""
    return path[: 3 if path[:1] == ("pools",) else 2]


def field_at(path: Path) -> FieldInfo | None:
    """Find the field a path leads to or into; None when there is no such key."""
    match key_of(path):
        case ("pools", int(), str(key)):
            return PoolSettings.model_fields.get(key)
        case (str(section), str(key)) if section in SECTIONS and section != "pools":
            return SECTIONS[section].model_fields.get(key)
        case _:
            return None


def shown(field: FieldInfo | None) -> Shown | None:
    """Say how a field's values are written, where that is not just as they are."""
    marks = [] if field is None else field.metadata
    return next((mark for mark in marks if isinstance(mark, Shown)), None)


def like(path: Path) -> str:
    """Name the key that was probably meant, or "" when none comes near."""
    name = str(path[-1])
    model = SECTIONS.get(str(path[0])) if len(path) > 1 else None
    near = get_close_matches(name, SECTIONS if model is None else model.model_fields, n=1)
    if near:
        return dotted((*path[:-1], near[0]))
    elsewhere = [section for section, other in SECTIONS.items() if name in other.model_fields]
    return f"{elsewhere[0]}{'[]' if elsewhere[0] == 'pools' else ''}.{name}" if elsewhere else ""
