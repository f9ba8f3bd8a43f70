from __future__ import annotations

import pytest

from config.keys import SECTIONS, Path, dotted, env_name, field_at, key_of, like, shown
from config.values import Shown


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("gateway", "port"), "gateway.port"),
        (("pools", 1, "memory"), "pools[1].memory"),
        (("pools", 0, "env", "A"), "pools[0].env.A"),
        (("gateway", "trusted_proxies", 2), "gateway.trusted_proxies[2]"),
        (("gateway",), "gateway"),
    ],
)
def test_paths_are_written_as_people_do(path: Path, text: str) -> None:
    assert dotted(path) == text


def test_variables_are_named_after_their_path() -> None:
    assert env_name(("gateway", "port")) == "WARMGATE_GATEWAY__PORT"
    assert env_name(("pools", 1, "idle_timeout")) == "WARMGATE_POOLS__1__IDLE_TIMEOUT"


def test_a_place_inside_a_value_belongs_to_its_key() -> None:
    assert key_of(("pools", 0, "env", "A")) == ("pools", 0, "env")
    assert key_of(("gateway", "trusted_proxies", 2)) == ("gateway", "trusted_proxies")
    assert key_of(("gateway",)) == ("gateway",)


@pytest.mark.parametrize(
    "path", [("gateway", "prot"), ("gatway", "port"), ("pools", "warm"), ("pools", 0), (), ("x",)]
)
def test_there_is_no_field_where_there_is_no_key(path: Path) -> None:
    assert field_at(path) is None


def test_fields_are_found_by_path() -> None:
    assert field_at(("pools", 3, "memory")) is SECTIONS["pools"].model_fields["memory"]
    assert shown(field_at(("pools", 3, "memory"))) is Shown.SIZE
    assert shown(field_at(("gateway", "secret"))) is Shown.HIDDEN
    assert shown(field_at(("gateway", "port"))) is None
    assert shown(None) is None


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (("gateway", "prot"), "gateway.port"),
        (("gatway",), "gateway"),
        (("pools", 1, "wram"), "pools[1].warm"),
        (("gateway", "idle_timeout"), "pools[].idle_timeout"),
        (("pools", 0, "budget"), "memory.budget"),
        (("port",), "gateway.port"),
        (("gateway", "zzz"), ""),
        (("zzz",), ""),
    ],
)
def test_the_key_that_was_meant_is_guessed(path: Path, meant: str) -> None:
    assert like(path) == meant
