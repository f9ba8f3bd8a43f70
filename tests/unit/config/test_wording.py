from __future__ import annotations

import ipaddress
from datetime import date
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from config import Kind
from config.values import Shown
from config.wording import with_origin, written, written_raw

if TYPE_CHECKING:
    from config.keys import Path


@pytest.mark.parametrize(
    ("value", "how", "text"),
    [
        (True, None, "true"),
        (3, None, "3"),
        (1.5, None, "1.5"),
        ("a\nb", None, '"a\\nb"'),
        ("\u00fc", None, '"\u00fc"'),
        (Kind.JUPYTER, None, '"jupyter"'),
        ("auto", Shown.SIZE, '"auto"'),
        (2**29, Shown.SIZE, "512MiB"),
        (600.0, Shown.DURATION, "10m"),
        (0, Shown.DURATION, "0s"),
        (("a", "b"), None, '["a", "b"]'),
        ((), None, "[]"),
        ((ipaddress.ip_network("10.0.0.0/8"),), None, '["10.0.0.0/8"]'),
        (SecretStr("hush"), Shown.HIDDEN, "set"),
        (SecretStr(""), Shown.HIDDEN, "not set"),
        ({"A": "hush", "B": ""}, Shown.NAMES_ONLY, "{A = ..., B = ...}"),
        ({}, Shown.NAMES_ONLY, "{}"),
    ],
)
def test_values_are_written_as_they_could_stand_in_the_file(
    value: object, how: Shown | None, text: str
) -> None:
    assert written(value, how) == text


@pytest.mark.parametrize(
    ("value", "path", "text"),
    [
        ("12 parsecs", ("memory", "budget"), '"12 parsecs"'),
        (True, ("gateway", "port"), "true"),
        (None, ("gateway", "port"), "null"),
        ([1, "a"], ("gateway", "port"), '[1, "a"]'),
        (date(2026, 1, 2), ("gateway", "port"), '"2026-01-02"'),
        (float("inf"), ("gateway", "port"), "Infinity"),
        ({"x": 1}, ("gatway",), "a table"),
        ([{"env": {"A": "hush"}}], ("pool",), "a list of tables"),
    ],
)
def test_wrong_values_are_repeated_as_found(value: object, path: Path, text: str) -> None:
    assert written_raw(value, path) == text


def test_a_long_wrong_value_is_cut() -> None:
    text = written_raw("x" * 1000, ("gateway", "host"))
    assert len(text) == 80
    assert text.endswith("...")


@pytest.mark.parametrize(
    "path",
    [
        ("gateway", "secret"),
        ("gateway", "api_token"),
        ("gateway", "admin_token"),
        ("gateway", "api_tokn"),
        ("gateway", "secert"),
        ("gateway", "api_key"),
        ("gateway", "password"),
        ("engine", "api_token"),
        ("api_token",),
        ("pools", 0, "env"),
        ("pools", 0, "env", "A"),
        ("pools", 0, "envs"),
    ],
)
def test_what_may_be_secret_is_never_repeated(path: Path) -> None:
    assert "hush" not in written_raw("hush", path)
    assert "hush" not in written_raw({"A": "hush"}, path)
    assert "hush" not in written_raw(["hush"], path)


def test_an_origin_is_told_unless_it_is_the_file() -> None:
    assert with_origin("3", "file") == "3"
    assert with_origin("3", "default") == "3 (the default)"
    assert with_origin("3", "env PORT") == "3 (from env PORT)"
