from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from config import (
    Charge,
    Egress,
    EngineName,
    EngineSettings,
    GatewaySettings,
    Kind,
    MemorySettings,
    Mode,
    OnStop,
    PoolSettings,
    Settings,
)
from config.keys import SECTIONS

if TYPE_CHECKING:
    from config.section import Section

CONTRACT = """
[gateway]
host = "127.0.0.1"
port = 8000
admin_host = "127.0.0.1"
admin_port = 8001
public_url = ""
embed_origins = []
api_token = ""
admin_token = ""
trusted_proxies = []

[engine]
name = "auto"
gateway_id = "default"
start_concurrency = 2

[memory]
budget = "auto"
reserve = "512MiB"
charge = "limit"

[[pools]]
name = "jupyter"
kind = "jupyter"
image = "warmgate/jupyter"
command = []
memory = "512MiB"
cpus = 1.0
pids = 256
warm = 3
max = 20
entry = "tree"
notebook = ""
mode = "edit"
idle_timeout = "10m"
max_age = "6h"
egress = "none"
"""

ADDED: dict[str, dict[str, object]] = {
    "gateway": {
        "workers": 1,
        "session_domain": "",
        "state_dir": "",
        "secret": "",
        "asset_cache": "64MiB",
        "log_format": "auto",
        "on_stop": "keep_assigned",
    },
    "limits": {"tickets": 1000, "sessions_per_address": 50, "spawns_per_minute": 60},
    "pools": {
        "hot": 1,
        "sizing": "adaptive",
        "port": 0,
        "probe": "",
        "env": {},
        "user": "",
        "read_only": True,
        "tmpfs": [],
        "start_timeout": "60s",
        "warm_timeout": "120s",
        "source": "",
        "title": "",
        "description": "",
    },
}


def test_every_key_others_rely_on_has_its_promised_default() -> None:
    assert Settings.model_validate(tomllib.loads(CONTRACT)) == Settings()


def test_every_added_key_has_its_promised_default() -> None:
    added = {**ADDED, "pools": [ADDED["pools"]]}
    assert Settings.model_validate(added) == Settings()


def test_there_are_no_other_keys() -> None:
    promised = tomllib.loads(CONTRACT)
    promised["pools"] = promised["pools"][0]
    for section, model in SECTIONS.items():
        assert set(model.model_fields) == set(promised.get(section, {})) | set(ADDED.get(section, {}))


def test_the_sections_are_those_of_the_settings() -> None:
    assert list(Settings.model_fields) == list(SECTIONS)


def test_values_have_the_types_the_other_rooms_compute_with() -> None:
    settings = Settings()
    pool = settings.pools[0]
    assert (pool.memory, settings.memory.reserve) == (536_870_912, 536_870_912)
    assert (pool.idle_timeout, pool.max_age, pool.start_timeout, pool.warm_timeout) == (
        600.0,
        21600.0,
        60.0,
        120.0,
    )
    assert (pool.kind, pool.mode, pool.egress) == (Kind.JUPYTER, Mode.EDIT, Egress.NONE)
    assert settings.memory.budget == "auto"
    assert settings.memory.charge is Charge.LIMIT
    assert settings.engine.name is EngineName.AUTO
    assert settings.gateway.on_stop is OnStop.KEEP_ASSIGNED


def test_kind_generic_has_neither_our_image_nor_jupyters_page() -> None:
    pool = PoolSettings.model_validate({"kind": "generic", "command": ["app"]})
    assert (pool.image, pool.entry) == ("", "")
    named = PoolSettings.model_validate({"kind": Kind.GENERIC, "image": "a", "entry": "b"})
    assert (named.image, named.entry) == ("a", "b")


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("memory", "31MiB"), ("cpus", 0), ("pids", 15), ("pids", True), ("warm", -1), ("warm", 1.5),
        ("max", 0), ("idle_timeout", 0), ("max_age", "0s"), ("start_timeout", 0), ("warm_timeout", "0"),
        ("port", 65536), ("kind", "ruby"), ("kind", []), ("mode", "read"), ("egress", "all"),
        ("read_only", "perhaps"), ("name", "A B"), ("entry", "/x"), ("notebook", "../x"),
        ("probe", "//x"), ("title", "x" * 81), ("source", "javascript:alert(1)"),
        ("source", "course/a.ipynb"), ("source", "https://me:secret@example.org/"),
        ("description", "x" * 501), ("env", []), ("env", {"A": 1}),
        ("command", "x"), ("user", "root"), ("tmpfs", ["x"]), ("image", 3), ("wram", 3),
    ],
)  # fmt: skip
def test_a_pool_with_a_wrong_value_cannot_be_made(key: str, wrong: object) -> None:
    with pytest.raises(ValidationError) as error:
        PoolSettings.model_validate({key: wrong})
    assert [each["loc"][0] for each in error.value.errors()] == [key]


@pytest.mark.parametrize(
    ("model", "key", "wrong"),
    [
        (EngineSettings, "name", "podman"),
        (EngineSettings, "gateway_id", "a/b"),
        (EngineSettings, "start_concurrency", 0),
        (EngineSettings, "start_concurrency", True),
        (MemorySettings, "budget", "some"),
        (MemorySettings, "reserve", "-1"),
        (MemorySettings, "charge", "guess"),
        (GatewaySettings, "host", ""),
        (GatewaySettings, "admin_host", "a b"),
        (GatewaySettings, "port", -1),
        (GatewaySettings, "admin_port", "http"),
        (GatewaySettings, "public_url", "/x"),
        (GatewaySettings, "session_domain", "*.example.org"),
        (GatewaySettings, "embed_origins", ["null"]),
        (GatewaySettings, "trusted_proxies", ["me"]),
        (GatewaySettings, "api_token", "a b"),
        (GatewaySettings, "admin_token", "\n"),
        (GatewaySettings, "secret", "short"),
        (GatewaySettings, "state_dir", "here"),
        (GatewaySettings, "log_format", "xml"),
        (GatewaySettings, "on_stop", "panic"),
        (Settings, "pools", []),
        (Settings, "pools", {}),
        (Settings, "gateway", 3),
        (Settings, "gatway", {}),
    ],
)
def test_a_section_with_a_wrong_value_cannot_be_made(model: type[Section], key: str, wrong: object) -> None:
    with pytest.raises(ValidationError) as error:
        model.model_validate({key: wrong})
    assert {each["loc"][0] for each in error.value.errors()} == {key}


@pytest.mark.parametrize("model", [Settings, *SECTIONS.values()])
def test_every_key_tells_what_it_is_and_does(model: type[Section]) -> None:
    for key, field in model.model_fields.items():
        text = field.description or ""
        assert len(text) > 20, f"{model.__name__}.{key} is not documented"
        assert text.endswith("."), f"{model.__name__}.{key} does not end its sentence"


@pytest.mark.parametrize("key", ["memory", "reserve", "budget"])
def test_sizes_name_their_unit(key: str) -> None:
    described = [
        model.model_fields[key].description or "" for model in SECTIONS.values() if key in model.model_fields
    ]
    assert all(text.startswith("Bytes") for text in described)


@pytest.mark.parametrize("key", ["idle_timeout", "max_age", "start_timeout", "warm_timeout"])
def test_durations_name_their_unit(key: str) -> None:
    assert "in seconds" in " ".join((PoolSettings.model_fields[key].description or "").split())


def test_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.gateway.port = 9  # type: ignore[misc] # that is the point
    with pytest.raises(ValidationError):
        settings.pools = ()  # type: ignore[misc] # that is the point


def test_secrets_and_environment_values_stay_out_of_reprs_and_dumps() -> None:
    settings = Settings.model_validate(
        {
            "gateway": {"secret": "hush-hush-hush-hush", "api_token": "hush", "admin_token": "hush"},
            "pools": [{"env": {"A": "hush"}}],
        }
    )
    assert "hush" not in repr(settings)
    assert "hush" not in json.dumps(settings.gateway.model_dump(mode="json"))


def test_settings_survive_their_own_dump() -> None:
    settings = Settings.model_validate(
        {"pools": [{"env": {"A": "b"}, "memory": "1GiB", "idle_timeout": "90s"}]}
    )
    assert Settings.model_validate(settings.model_dump()) == settings
    assert Settings.model_validate_json(settings.model_dump_json()) == settings
