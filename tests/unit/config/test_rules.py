from __future__ import annotations

import pytest

from config import ConfigError, EngineName, Settings, check_engine
from config.errors import Problem
from config.rules import Finding, broken

DOCKER, PROCESS, AUTO = EngineName.DOCKER, EngineName.PROCESS, EngineName.AUTO


def problems(engine: EngineName = AUTO, **tree: object) -> list[Problem]:
    settings = Settings.model_validate(tree)
    return [finding.problem(settings) for finding in broken(settings, engine)]


def test_the_defaults_break_no_rule_on_any_engine() -> None:
    assert not [problem for engine in EngineName for problem in problems(engine)]


def test_more_warm_than_there_may_be_is_refused() -> None:
    (problem,) = problems(pools=[{}, {"name": "b", "warm": 5, "max": 4}])
    assert problem == Problem("pools[1].warm", "5", "at most pools[1].max, which is 4")


def test_as_many_warm_as_there_may_be_are_fine() -> None:
    assert not problems(pools=[{"warm": 4, "max": 4}])


def test_two_pools_of_one_name_are_refused_with_both_places() -> None:
    found = problems(pools=[{"name": "a"}, {"name": "b"}, {"name": "a"}])
    assert [problem.key for problem in found] == ["pools[0].name", "pools[2].name"]
    assert {problem.value for problem in found} == {'"a"'}


def test_a_budget_below_one_instance_of_any_pool_is_refused() -> None:
    (problem,) = problems(memory={"budget": "600MiB"}, pools=[{}, {"name": "big", "memory": "1GiB"}])
    assert problem == Problem(
        "memory.budget", "600MiB", "auto, or at least 1GiB: one instance of pools[1] big"
    )


def test_a_budget_of_exactly_one_instance_is_fine() -> None:
    assert not problems(memory={"budget": "512MiB"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org"])
def test_the_process_engine_is_not_opened_to_the_network(host: str) -> None:
    (problem,) = problems(PROCESS, gateway={"host": host})
    assert problem.key == "gateway.host"
    assert host in problem.value
    assert "loopback" in problem.allowed
    assert not problems(DOCKER, gateway={"host": host})
    assert not problems(AUTO, gateway={"host": host})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org"])
def test_an_open_admin_port_asks_for_a_token(host: str) -> None:
    (problem,) = problems(gateway={"admin_host": host})
    assert (problem.key, problem.value) == ("gateway.admin_token", "not set")
    assert host in problem.allowed
    assert not problems(gateway={"admin_host": host, "admin_token": "x"})


def test_one_port_does_not_serve_visitors_and_operators() -> None:
    (problem,) = problems(gateway={"port": 8001, "host": "0.0.0.0"})
    assert (problem.key, problem.value) == ("gateway.admin_port", "8001")


def test_the_same_port_on_another_host_or_any_free_ports_are_fine() -> None:
    assert not problems(gateway={"port": 8001, "host": "127.0.0.2"})
    assert not problems(gateway={"port": 0, "admin_port": 0})


def test_view_mode_asks_for_a_notebook() -> None:
    (problem,) = problems(pools=[{"mode": "view"}])
    assert problem.key == "pools[0].notebook"
    assert "a notebook, as mode view is for reading one" in problem.allowed
    assert not problems(pools=[{"mode": "view", "notebook": "a.ipynb"}])
    assert not problems(pools=[{"mode": "view", "notebook": "a.jl", "kind": "pluto"}])


def test_there_are_no_rules_of_view_mode_for_any_web_application() -> None:
    app = {"kind": "generic", "mode": "view", "command": ["app"], "image": "app"}
    (problem,) = problems(pools=[app])
    assert problem.key == "pools[0].mode"


def test_a_pluto_pool_needs_nothing_but_its_kind() -> None:
    assert not problems(pools=[{"kind": "pluto"}])


@pytest.mark.parametrize(
    ("pool", "engine", "blamed"),
    [
        ({"kind": "generic"}, AUTO, "image"),
        ({"kind": "generic"}, DOCKER, "image"),
        ({"kind": "generic"}, PROCESS, "command"),
        ({"kind": "generic", "image": "a"}, AUTO, None),
        ({"kind": "generic", "image": "a"}, DOCKER, None),
        ({"kind": "generic", "image": "a"}, PROCESS, "command"),
        ({"kind": "generic", "command": ["a"]}, AUTO, None),
        ({"kind": "generic", "command": ["a"]}, DOCKER, "image"),
        ({"kind": "generic", "command": ["a"]}, PROCESS, None),
        ({"kind": "generic", "image": "a", "command": ["a"]}, DOCKER, None),
        ({"kind": "jupyter", "image": ""}, DOCKER, "image"),
        ({"kind": "jupyter", "image": ""}, PROCESS, None),
        ({"kind": "generic", "image": "a", "notebook": "a.ipynb"}, AUTO, "notebook"),
    ],
)
def test_each_engine_gets_what_it_starts_instances_from(
    pool: dict[str, object], engine: EngineName, blamed: str | None
) -> None:
    assert [problem.key for problem in problems(engine, pools=[pool])] == (
        [f"pools[0].{blamed}"] if blamed else []
    )


def test_settings_are_checked_again_once_the_engine_is_known() -> None:
    settings = Settings.model_validate({"gateway": {"host": "0.0.0.0"}})
    check_engine(settings, DOCKER)
    with pytest.raises(ConfigError) as error:
        check_engine(settings, PROCESS)
    assert [problem.key for problem in error.value.problems] == ["gateway.host"]


def test_a_finding_knows_which_keys_it_looked_at() -> None:
    finding = Finding(("pools", 0, "warm"), "less", (("pools", 0, "max"),))
    assert finding.looked_at(("pools", 0, "warm"))
    assert finding.looked_at(("pools", 0, "max"))
    assert finding.looked_at(("pools", 0))
    assert finding.looked_at(("pools",))
    assert not finding.looked_at(("pools", 1))
    assert not finding.looked_at(("pools", 0, "memory"))
    assert not finding.looked_at(("gateway", "port"))


def test_host_mode_asks_for_the_address_people_use() -> None:
    (problem,) = problems(gateway={"session_domain": "notes.example"})
    assert problem.key == "gateway.public_url"
    assert "gateway.session_domain" in problem.allowed


@pytest.mark.parametrize("public_url", ["https://notes.example", "http://127.0.0.1:8000", "https://a.b/x"])
def test_our_own_pages_are_at_the_domain_or_anywhere_else(public_url: str) -> None:
    assert not problems(gateway={"session_domain": "notes.example", "public_url": public_url})


def test_our_own_pages_are_not_among_the_hosts_of_sessions() -> None:
    given = {"session_domain": "notes.example", "public_url": "https://www.notes.example"}
    (problem,) = problems(gateway=given)
    assert problem.key == "gateway.session_domain"
    assert "not below" in problem.allowed
