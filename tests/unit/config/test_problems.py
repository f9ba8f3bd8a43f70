from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from config import Problem, Settings
from config.problems import from_validation, without

if TYPE_CHECKING:
    from config.keys import Path


def found(tree: dict[str, object], origins: dict[str, str] | None = None) -> dict[Path, Problem]:
    with pytest.raises(ValidationError) as error:
        Settings.model_validate(tree)
    return from_validation(error.value, origins or {})


def test_problems_are_found_by_their_path() -> None:
    problems = found({"gateway": {"port": -1}, "pools": [{}, {"pids": 1}]})
    assert set(problems) == {("gateway", "port"), ("pools", 1, "pids")}
    assert problems["gateway", "port"] == Problem("gateway.port", "-1", "a whole number from 0 to 65535")


def test_an_origin_is_added_to_the_value() -> None:
    problems = found({"gateway": {"trusted_proxies": ["x"]}}, {"gateway.trusted_proxies": "env A"})
    assert problems["gateway", "trusted_proxies", 0].value == '"x" (from env A)'


def test_broken_keys_are_left_out_and_all_others_kept() -> None:
    tree: dict[str, object] = {
        "port": 3,
        "gateway": {"port": -1, "host": "a"},
        "engine": 3,
        "pools": [{"warm": "x", "max": 3, "env": {"A": 1}}, 3, {"nmae": "x", "name": "b"}],
    }
    kept = without(tree, found(tree))
    assert kept == {"gateway": {"host": "a"}, "pools": [{"max": 3}, {}, {"name": "b"}]}
    Settings.model_validate(kept)


def test_pools_that_are_no_list_are_left_out() -> None:
    tree: dict[str, object] = {"pools": {"warm": 3}}
    assert without(tree, found(tree)) == {}
