"""How any web app is started and opened."""

from __future__ import annotations

import pytest

from config import PoolSettings
from pool.kinds.generic import Generic

KIND = Generic()


def pool(*command: str, **env: str) -> PoolSettings:
    return PoolSettings(name="app", kind="generic", image="app", command=command, env=env)


def test_an_app_that_is_told_its_base_path_keeps_it() -> None:
    assert not KIND.strips_prefix(pool("app", "--base={base_path}"))
    assert not KIND.strips_prefix(pool("app", BASE="{base_path}"))


def test_an_app_that_is_not_told_serves_under_the_root() -> None:
    assert KIND.strips_prefix(pool("app", "--port={port}"))
    assert KIND.strips_prefix(pool())


def test_the_pools_command_and_environment_are_filled_in() -> None:
    recipe = KIND.recipe(pool("app", "{base_path}", "{port}", KEY="{token}"), base_path="/b/", token="t")
    assert recipe.command == ("app", "/b/", "{port}")
    assert recipe.env == {"KEY": "t"}


def test_an_image_with_a_command_of_its_own_needs_none() -> None:
    recipe = KIND.recipe(pool(), base_path="/", token="t")
    assert recipe.command == ()
    assert recipe.env == {}
    assert recipe.port == 8000
    assert recipe.tmpfs == ("/tmp",)


def test_port_and_folders_can_be_set() -> None:
    settings = PoolSettings(name="app", kind="generic", image="app", port=5006, tmpfs=("/a", "/b"))
    recipe = KIND.recipe(settings, base_path="/", token="t")
    assert recipe.port == 5006
    assert recipe.tmpfs == ("/a", "/b")


def test_only_an_app_that_knows_the_token_is_sent_it() -> None:
    sent = (("Authorization", "token t"),)
    assert KIND.credential("t") == sent
    assert KIND.asks_token(pool("app", "{token}"))
    assert KIND.asks_token(pool("app", KEY="{token}"))
    assert not KIND.asks_token(pool("app"))


def test_a_visitor_lands_where_the_pool_says() -> None:
    assert KIND.entry(pool()) == ""
    assert KIND.entry(PoolSettings(name="app", kind="generic", image="app", entry="start")) == "start"


@pytest.mark.parametrize("method", ["GET", "post", "PATCH"])
def test_every_request_that_wants_something_is_activity(method: str) -> None:
    assert KIND.is_activity(method, "any/path")


@pytest.mark.parametrize("method", ["HEAD", "options"])
def test_asking_about_a_page_is_no_activity(method: str) -> None:
    assert not KIND.is_activity(method, "any/path")


def test_the_apps_bytes_are_its_own() -> None:
    assert not KIND.hides_secret("")
    assert not KIND.hides_secret("page", 500)
