"""From a preset, a file, the environment and flags to checked settings, or to everything that is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from config.errors import ConfigError, Problem
from config.keys import SECTIONS, dotted, key_of
from config.overlay import Layers
from config.problems import from_validation, without
from config.rules import broken
from config.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

PRESETS = ("dev", "prod", "test")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Checked settings, and for each key, as `pools[0].warm`, where its value came from.

    An origin is `default`, `preset NAME`, `file`, `env NAME` or `flag`.
    """

    settings: Settings
    origins: Mapping[str, str]
    file: Path | None = None
    preset: str | None = None


def load(
    file: Path | None, preset: str | None, environ: Mapping[str, str], flags: Mapping[str, object]
) -> Loaded:
    """Lay preset, file, environment and flags over each other and check the result.

    Without `file` or `preset`, WARMGATE_CONFIG and WARMGATE_PRESET name them. Flags are keyed as
    `gateway.port` or `pools[0].warm`; those that are None were not given. A list of [[pools]] in the file
    replaces the preset's. Raises ConfigError with everything that is wrong.
    """
    if file is None and environ.get("WARMGATE_CONFIG"):
        file = Path(environ["WARMGATE_CONFIG"])
    preset = preset or environ.get("WARMGATE_PRESET") or None
    layers = Layers()
    if preset is not None:
        layers.lay(_preset(preset), f"preset {preset}")
    if file is not None:
        layers.lay(_file(file), "file")
    layers.put_environment(environ)
    layers.put_flags(flags)
    settings = _checked(layers)
    return Loaded(settings, _all_origins(settings, layers.origins), file, preset)


def _checked(layers: Layers) -> Settings:
    """Check every key by itself, then what can be said about the sound ones together."""
    failed = {}
    try:
        settings = Settings.model_validate(layers.data)
    except ValidationError as error:
        failed = from_validation(error, layers.origins)
        settings = Settings.model_validate(without(layers.data, failed))
    keys = [key_of(path) for path in failed]
    findings = [
        finding.problem(settings, layers.origins.get(dotted(finding.blamed), "default"))
        for finding in broken(settings, settings.engine.name)
        if not any(finding.looked_at(key) for key in keys)
    ]
    problems = [*layers.problems, *failed.values(), *findings]
    if problems:
        raise ConfigError(*problems)
    return settings


def _all_origins(settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    pools = [("pools", at) for at in range(len(settings.pools))]
    tables = [*((section,) for section in SECTIONS if section != "pools"), *pools]
    keys = [dotted((*table, key)) for table in tables for key in SECTIONS[str(table[0])].model_fields]
    return {key: given.get(key, "default") for key in keys}


def _preset(name: str) -> dict[str, object]:
    if name not in PRESETS:
        raise ConfigError(Problem("preset", f'"{name}"', f"one of {', '.join(PRESETS)}"))
    return tomllib.loads(resources.files("config").joinpath("presets", f"{name}.toml").read_text("utf-8"))


def _file(file: Path) -> dict[str, object]:
    def wrong(value: str, allowed: str) -> ConfigError:
        return ConfigError(Problem(str(file), value, allowed))

    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise wrong("not there", "a file that exists") from None
    except IsADirectoryError:
        raise wrong("a folder", "a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        raise wrong("not TOML", str(error)) from None
    except UnicodeDecodeError as error:
        raise wrong(f"byte {error.start} is not UTF-8", "a TOML file in UTF-8") from None
    except OSError as error:
        raise wrong(error.strerror or "unreadable", "a file the gateway's user can read") from None
