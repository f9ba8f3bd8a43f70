"""How a Jupyter server is started and opened."""

from __future__ import annotations

from config import PoolSettings
from pool.kinds.jupyter import Jupyter

KIND = Jupyter()


def test_the_own_command_serves_under_the_base_path_at_the_engines_address() -> None:
    recipe = KIND.recipe(PoolSettings(), base_path="/user/x/", token="tok")
    assert recipe.env["WARMGATE_BASE_PATH"] == "/user/x/"
    assert "/user/x/" not in " ".join(recipe.command)
    assert {"--ip={ip}", "--port={port}", "--ServerApp.port_retries=0"} <= set(recipe.command)
    assert recipe.port == 8888
    assert recipe.tmpfs == ("/tmp", "/home/jovyan")


def test_the_token_is_in_the_environment_and_not_on_the_command_line() -> None:
    recipe = KIND.recipe(PoolSettings(env={"JUPYTER_TOKEN": "own", "A": "b"}), base_path="/", token="tok")
    assert recipe.env == {"JUPYTER_TOKEN": "tok", "A": "b", "WARMGATE_BASE_PATH": "/"}
    assert "tok" not in " ".join(recipe.command)
    assert "tok" not in repr(recipe)


def test_a_pools_own_command_is_filled_in() -> None:
    pool = PoolSettings(command=("serve", "{base_path}", "{token}", "{port}"), port=9000, tmpfs=("/scratch",))
    recipe = KIND.recipe(pool, base_path="/user/x/", token="tok")
    assert recipe.command == ("serve", "/user/x/", "tok", "{port}")
    assert recipe.port == 9000
    assert recipe.tmpfs == ("/scratch",)


def test_the_prefix_is_kept_and_the_entry_is_the_configured_one() -> None:
    assert not KIND.strips_prefix(PoolSettings())
    assert KIND.entry(PoolSettings(entry="lab/tree/a.ipynb")) == "lab/tree/a.ipynb"


def test_the_token_travels_as_an_authorization_field() -> None:
    assert KIND.credential("tok") == (("Authorization", "token tok"),)


def test_polling_is_no_activity_and_pages_are_cleaned() -> None:
    assert KIND.is_activity("GET", "lab")
    assert not KIND.is_activity("GET", "api/kernels")
    assert KIND.hides_secret("lab")
    assert not KIND.hides_secret("files/a.html")
    assert KIND.hides_secret("files/a.html", 404)
