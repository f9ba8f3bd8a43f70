"""Filling in `{base_path}` and `{token}`."""

from __future__ import annotations

from config import PoolSettings
from pool.kinds.placeholders import fill, mentions


def test_ours_are_filled_and_the_engines_are_left() -> None:
    pool = PoolSettings(env={"BASE": "x{base_path}y", "PORT": "{port}"})
    words = ("run", "{base_path}", "{token}{token}", "{ip}:{port}")
    command, env = fill(pool, words, base_path="/b/", token="t")
    assert command == ("run", "/b/", "tt", "{ip}:{port}")
    assert env == {"BASE": "x/b/y", "PORT": "{port}"}


def test_other_braces_are_left() -> None:
    words = ("${token}", "{other}", "{{token}}", '{"json": 1}')
    assert fill(PoolSettings(), words, base_path="/b/", token="t")[0] == (
        "${token}",
        "{other}",
        "{t}",
        '{"json": 1}',
    )


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    assert fill(PoolSettings(), ("{token}",), base_path="/b/", token="{base_path}")[0] == ("{base_path}",)


def test_a_placeholder_is_found_in_command_and_environment() -> None:
    assert mentions(PoolSettings(command=("run", "--base={base_path}")), "base_path")
    assert mentions(PoolSettings(env={"BASE": "{base_path}"}), "base_path")
    assert not mentions(PoolSettings(command=("run", "{token}", "${base_path}")), "base_path")
