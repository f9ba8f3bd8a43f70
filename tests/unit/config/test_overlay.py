from __future__ import annotations

import pytest

from config.overlay import Layers


def laid(
    environ: dict[str, str] | None = None, flags: dict[str, object] | None = None, **tree: object
) -> Layers:
    layers = Layers()
    layers.lay(tree, "file")
    layers.put_environment(environ or {})
    layers.put_flags(flags or {})
    return layers


def test_a_later_table_changes_single_keys_of_an_earlier_one() -> None:
    layers = Layers()
    layers.lay({"gateway": {"host": "a", "port": 1}}, "preset dev")
    layers.lay({"gateway": {"port": 2}}, "file")
    assert layers.data == {"gateway": {"host": "a", "port": 2}}
    assert layers.origins == {"gateway.host": "preset dev", "gateway.port": "file"}


def test_a_later_list_of_pools_replaces_an_earlier_one_with_its_origins() -> None:
    layers = Layers()
    layers.lay({"pools": [{"name": "a", "warm": 1}, {"name": "b"}]}, "preset dev")
    layers.lay({"pools": [{"name": "c"}]}, "file")
    assert layers.data == {"pools": [{"name": "c"}]}
    assert layers.origins == {"pools[0].name": "file"}


def test_laying_over_leaves_the_layer_itself_as_it_is() -> None:
    tree = {"gateway": {"port": 1}, "pools": [{"env": {"A": "1"}}]}
    layers = Layers()
    layers.lay(tree, "file")
    layers.put_environment({"WARMGATE_POOLS__0__ENV__A": "2", "PORT": "3"})
    assert layers.data == {"gateway": {"port": "3"}, "pools": [{"env": {"A": "2"}}]}
    assert tree == {"gateway": {"port": 1}, "pools": [{"env": {"A": "1"}}]}


def test_a_variable_changes_one_key_of_one_pool() -> None:
    layers = laid({"WARMGATE_POOLS__1__WARM": "5"}, pools=[{"warm": 1, "max": 9}, {"warm": 2, "max": 8}])
    assert layers.data["pools"] == [{"warm": 1, "max": 9}, {"warm": "5", "max": 8}]
    assert layers.origins["pools[1].warm"] == "env WARMGATE_POOLS__1__WARM"
    assert layers.origins["pools[0].warm"] == "file"


def test_a_variable_changes_the_default_pool_when_none_is_given() -> None:
    assert laid({"WARMGATE_POOLS__0__WARM": "5"}).data == {"pools": [{"warm": "5"}]}


def test_variables_with_the_next_number_add_a_pool() -> None:
    environ = {"WARMGATE_POOLS__1__NAME": "b", "WARMGATE_POOLS__0__NAME": "a", "WARMGATE_POOLS__1__WARM": "0"}
    layers = laid(environ)
    assert layers.data == {"pools": [{"name": "a"}, {"name": "b", "warm": "0"}]}
    assert not layers.problems


def test_a_pool_number_that_leaves_a_gap_is_a_problem() -> None:
    layers = laid({"WARMGATE_POOLS__3__WARM": "5"}, pools=[{}, {}])
    (problem,) = layers.problems
    assert problem.key == "pools[3].warm"
    assert problem.value == '"5" (from env WARMGATE_POOLS__3__WARM)'
    assert "from 0 to 2" in problem.allowed


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("POOLS__0__COMMAND", "sh -c 'a b'", ["sh", "-c", "a b"]),
        ("POOLS__0__COMMAND", '["sh", "-c"]', ["sh", "-c"]),
        ("POOLS__0__COMMAND", "", []),
        ("POOLS__0__COMMAND", "it's", "it's"),
        ("POOLS__0__COMMAND", "[broken", "[broken"),
        ("POOLS__0__TMPFS", "/tmp:size=1m,mode=0700 /run", ["/tmp:size=1m,mode=0700", "/run"]),
        ("POOLS__0__ENV", '{"A": "b"}', {"A": "b"}),
        ("POOLS__0__ENV", "", {}),
        ("POOLS__0__ENV", "A=b", "A=b"),
        ("POOLS__0__TITLE", "[a, b]", "[a, b]"),
    ],
)
def test_lists_and_tables_are_read_out_of_text(name: str, text: str, value: object) -> None:
    key = name.rpartition("__")[2].lower()
    assert laid({f"WARMGATE_{name}": text}).data == {"pools": [{key: value}]}


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8,::1", "10.0.0.0/8, ::1 ", "10.0.0.0/8 ::1", '["10.0.0.0/8", "::1"]']
)
def test_other_lists_are_split_at_commas_and_blanks(text: str) -> None:
    layers = laid({"WARMGATE_GATEWAY__TRUSTED_PROXIES": text})
    assert layers.data == {"gateway": {"trusted_proxies": ["10.0.0.0/8", "::1"]}}


def test_one_variable_of_the_servers_is_set_beside_the_others() -> None:
    environ = {"WARMGATE_POOLS__0__ENV__My__Name": "x", "WARMGATE_POOLS__0__ENV": '{"B": "c"}'}
    layers = laid(environ, pools=[{"env": {"A": "a"}}])
    assert layers.data == {"pools": [{"env": {"B": "c", "My__Name": "x"}}]}
    assert set(layers.origins) == {"pools[0].env"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("WARMGATE_GATEWAY__PROT", "WARMGATE_GATEWAY__PORT"),
        ("WARMGATE_GATEWAY_PORT", "WARMGATE_GATEWAY__PORT"),
        ("WARMGATE_POOLS__2__WRAM", "WARMGATE_POOLS__2__WARM"),
        ("WARMGATE_POOLS__WARM", "WARMGATE_POOLS__0__WARM"),
        ("WARMGATE_gateway__port", "_"),
        ("WARMGATE_GATEWAY__PORT__X", "WARMGATE_GATEWAY__PORT"),
        ("WARMGATE_POOLS__0__WARM__X", "WARMGATE_POOLS__0__WARM"),
        ("WARMGATE_POOLS__-1__WARM", "WARMGATE_POOLS__0__WARM"),
        ("WARMGATE_POOLS", "WARMGATE_"),
        ("WARMGATE_", "WARMGATE_"),
        ("WARMGATE_X", "WARMGATE_"),
    ],
)
def test_an_unknown_variable_is_a_problem_that_names_the_likely_one(name: str, meant: str) -> None:
    layers = laid({name: "hush"})
    (problem,) = layers.problems
    assert problem.key == name
    assert meant in problem.allowed
    assert "hush" not in f"{problem}"
    assert layers.data == {}


def test_other_peoples_variables_are_left_alone() -> None:
    environ = {
        "WARMGATE_CONFIG": "x",
        "WARMGATE_PRESET": "y",
        "HOME": "/",
        "XWARMGATE_A": "",
        "WARMGATE": "",
        "PORT": "",
    }
    layers = laid(environ)
    assert (layers.data, layers.problems, layers.origins) == ({}, [], {})


def test_port_wins_over_file_and_variable() -> None:
    layers = laid({"PORT": "3", "WARMGATE_GATEWAY__PORT": "2"}, gateway={"port": 1})
    assert layers.data == {"gateway": {"port": "3"}}
    assert layers.origins["gateway.port"] == "env PORT"


def test_a_flag_wins_over_everything_and_none_is_no_flag() -> None:
    flags: dict[str, object] = {"gateway.port": 4, "gateway.host": None, "pools[0].warm": 1}
    layers = laid({"PORT": "3"}, flags, gateway={"port": 1, "host": "a"})
    assert layers.data == {"gateway": {"port": 4, "host": "a"}, "pools": [{"warm": 1}]}
    assert layers.origins == {"gateway.port": "flag", "gateway.host": "file", "pools[0].warm": "flag"}


@pytest.mark.parametrize(
    "name", ["port", "gateway.prot", "pools.warm", "gateway[0].port", "pools[0]", "", "pools[x].warm"]
)
def test_an_unknown_flag_is_a_problem(name: str) -> None:
    layers = laid(flags={name: "hush"})
    (problem,) = layers.problems
    assert problem.key == name
    assert "hush" not in f"{problem}"


@pytest.mark.parametrize("section", [3, "text", [3], None])
def test_overriding_inside_what_is_no_table_leaves_it_for_the_check(section: object) -> None:
    layers = laid(
        {"WARMGATE_GATEWAY__HOST": "a", "WARMGATE_POOLS__0__WARM": "1"}, gateway=section, pools=section
    )
    assert layers.data == {"gateway": section, "pools": section}
