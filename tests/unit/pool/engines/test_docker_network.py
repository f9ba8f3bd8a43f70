from __future__ import annotations

from typing import Any

import pytest

from config import Egress
from pool.engines.docker_network import (
    BRIDGE,
    ICC,
    MASQUERADE,
    Reach,
    bridge_name,
    fits,
    is_local,
    network_config,
    network_name,
)
from pool.engines.engine import LABEL_GATEWAY


@pytest.mark.parametrize("egress", Egress)
@pytest.mark.parametrize("reach", Reach)
def test_instances_never_reach_each_other(egress: Egress, reach: Reach) -> None:
    assert network_config("g", egress, reach)["Options"][ICC] == "false"
    assert network_config("g", egress, reach)["EnableIPv6"] is False


def test_no_way_out_is_an_internal_network() -> None:
    config = network_config("g", Egress.NONE, Reach.CONTAINER)
    assert config["Internal"] is True
    assert MASQUERADE not in config["Options"]


def test_where_ports_are_published_no_way_out_is_no_masquerade() -> None:
    config = network_config("g", Egress.NONE, Reach.PUBLISHED)
    assert config["Internal"] is False
    assert config["Options"][MASQUERADE] == "false"


@pytest.mark.parametrize("reach", Reach)
def test_a_way_out_is_an_ordinary_network(reach: Reach) -> None:
    config = network_config("g", Egress.INTERNET, reach)
    assert config["Internal"] is False
    assert MASQUERADE not in config["Options"]


def test_names_tell_whose_and_which() -> None:
    assert network_name("g", Egress.NONE) == "warmgate-g"
    assert network_name("g", Egress.INTERNET) == "warmgate-g-internet"
    assert network_config("g", Egress.NONE, Reach.CONTAINER)["Labels"] == {LABEL_GATEWAY: "g"}


def test_bridge_names_fit_into_what_linux_allows_and_differ() -> None:
    names = {bridge_name(gateway * 10, egress) for gateway in ("aaaaaa", "bbbbbb") for egress in Egress}
    assert len(names) == 4
    assert all(len(name) <= 15 for name in names)


def found(config: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**config, "Id": "n1", "Scope": "local", **changes}


def test_a_network_made_earlier_fits() -> None:
    config = network_config("g", Egress.NONE, Reach.CONTAINER)
    assert fits(found(config), config)
    # By an earlier version, with another name for its bridge.
    assert fits(found(config, Options={ICC: "false", BRIDGE: "other"}), config)


@pytest.mark.parametrize(
    "changes",
    [
        {"Internal": False},
        {"EnableIPv6": True},
        {"Driver": "macvlan"},
        {"Options": {}},
        {"Options": {ICC: "true"}},
        {"Options": None},
        {"Labels": {LABEL_GATEWAY: "other"}},
        {"Labels": None},
    ],
)
def test_a_network_that_keeps_less_does_not_fit(changes: dict[str, Any]) -> None:
    config = network_config("g", Egress.NONE, Reach.CONTAINER)
    assert not fits(found(config, **changes), config)


def test_a_bridge_that_is_not_here_is_not_local() -> None:
    assert not is_local("no-such-bridge", "127.0.0.1")
