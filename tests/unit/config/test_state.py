from __future__ import annotations

from pathlib import Path

import pytest

from config import ConfigError, Settings, state_dir

PLAIN = 1000


def made(configured: str = "", gateway_id: str = "default") -> Settings:
    return Settings.model_validate(
        {"gateway": {"state_dir": configured}, "engine": {"gateway_id": gateway_id}}
    )


def test_a_configured_folder_is_taken_as_it_is() -> None:
    assert state_dir(made("/srv/state"), {"HOME": "/home/a"}, 0) == Path("/srv/state")


def test_a_folder_below_home_is_found_by_the_environment() -> None:
    assert state_dir(made("~/state/x"), {"HOME": "/home/a"}, PLAIN) == Path("/home/a/state/x")


def test_root_keeps_state_below_var_lib() -> None:
    assert state_dir(made(gateway_id="b"), {"XDG_STATE_HOME": "/x", "HOME": "/root"}, 0) == Path(
        "/var/lib/warmgate/b"
    )


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_STATE_HOME": "/x", "HOME": "/home/a"}, "/x/warmgate/b"),
        ({"HOME": "/home/a"}, "/home/a/.local/state/warmgate/b"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/a"}, "/home/a/.local/state/warmgate/b"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/a"}, "/home/a/.local/state/warmgate/b"),
    ],
)
def test_others_keep_state_where_their_desktop_does(environ: dict[str, str], folder: str) -> None:
    assert state_dir(made(gateway_id="b"), environ, PLAIN) == Path(folder)


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "here"}])
@pytest.mark.parametrize("configured", ["", "~/x"])
def test_without_a_home_a_folder_must_be_configured(environ: dict[str, str], configured: str) -> None:
    with pytest.raises(ConfigError) as error:
        state_dir(made(configured), environ, PLAIN)
    assert error.value.problems[0].key == "gateway.state_dir"


def test_two_gateways_never_share_a_folder() -> None:
    assert state_dir(made(gateway_id="a"), {}, 0) != state_dir(made(gateway_id="b"), {}, 0)
