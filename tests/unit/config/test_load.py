from __future__ import annotations

import ipaddress
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import PRESETS, ConfigError, EngineName, LogFormat, OnStop, Problem, Settings, load
from config.keys import SECTIONS
from config.load import _checked
from config.overlay import Layers

if TYPE_CHECKING:
    from pathlib import Path

NO_FLAGS: dict[str, object] = {}


def written_file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "warmgate.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems_of(tmp_path: Path, text: str = "", environ: dict[str, str] | None = None) -> dict[str, Problem]:
    with pytest.raises(ConfigError) as error:
        load(written_file(tmp_path, text), None, environ or {}, NO_FLAGS)
    return {problem.key: problem for problem in error.value.problems}


def test_without_anything_every_key_has_its_default() -> None:
    loaded = load(None, None, {}, NO_FLAGS)
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}
    assert (loaded.file, loaded.preset) == (None, None)


def test_every_key_of_every_pool_has_an_origin(tmp_path: Path) -> None:
    loaded = load(
        written_file(tmp_path, '[[pools]]\nname="a"\n[[pools]]\nname="b"\nwarm=1'), None, {}, NO_FLAGS
    )
    keys = {
        f"{section}.{key}"
        for section in ("gateway", "engine", "memory", "limits")
        for key in SECTIONS[section].model_fields
    }
    keys |= {f"pools[{at}].{key}" for at in (0, 1) for key in SECTIONS["pools"].model_fields}
    assert set(loaded.origins) == keys
    assert loaded.origins["pools[1].warm"] == "file"
    assert loaded.origins["pools[0].warm"] == "default"


LAYERS = [
    ("preset", 8000, "preset dev"),
    ("file", 1001, "file"),
    ("variable", 1002, "env WARMGATE_GATEWAY__PORT"),
    ("PORT", 1003, "env PORT"),
    ("flag", 1004, "flag"),
]


@pytest.mark.parametrize("upto", range(len(LAYERS)))
def test_each_layer_wins_over_those_before_it(tmp_path: Path, upto: int) -> None:
    given_ = {name for name, _, _ in LAYERS[: upto + 1]}
    file = written_file(tmp_path, "[gateway]\nport = 1001") if "file" in given_ else None
    environ = {"WARMGATE_GATEWAY__PORT": "1002"} if "variable" in given_ else {}
    environ |= {"PORT": "1003"} if "PORT" in given_ else {}
    flags: dict[str, object] = {"gateway.port": 1004} if "flag" in given_ else {}
    loaded = load(file, "dev", environ, flags)
    _, port, origin = LAYERS[upto]
    assert (loaded.settings.gateway.port, loaded.origins["gateway.port"]) == (port, origin)


def test_file_and_preset_may_be_named_in_the_environment(tmp_path: Path) -> None:
    file = written_file(tmp_path, "[gateway]\nport = 1001")
    loaded = load(None, None, {"WARMGATE_CONFIG": str(file), "WARMGATE_PRESET": "prod"}, NO_FLAGS)
    assert (loaded.file, loaded.preset) == (file, "prod")
    assert loaded.settings.gateway.port == 1001
    assert loaded.settings.gateway.log_format is LogFormat.JSON


def test_named_file_and_preset_win_over_the_environment(tmp_path: Path) -> None:
    file = written_file(tmp_path, "[gateway]\nport = 1001")
    loaded = load(file, "dev", {"WARMGATE_CONFIG": "/nowhere", "WARMGATE_PRESET": "nonsense"}, NO_FLAGS)
    assert (loaded.file, loaded.preset) == (file, "dev")


def test_everything_a_variable_can_set_is_read_by_its_key() -> None:
    environ = {
        "WARMGATE_GATEWAY__TRUSTED_PROXIES": "10.0.0.0/8 ::1",
        "WARMGATE_GATEWAY__API_TOKEN": "1234",
        "WARMGATE_ENGINE__NAME": "docker",
        "WARMGATE_MEMORY__BUDGET": "4GiB",
        "WARMGATE_POOLS__0__COMMAND": "app --port={port}",
        "WARMGATE_POOLS__0__CPUS": "0.5",
        "WARMGATE_POOLS__0__READ_ONLY": "false",
        "WARMGATE_POOLS__0__IDLE_TIMEOUT": "90",
        "WARMGATE_POOLS__0__ENV__LANG": "C",
    }
    settings = load(None, None, environ, NO_FLAGS).settings
    pool = settings.pools[0]
    assert settings.gateway.trusted_proxies == (
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("::1"),
    )
    assert settings.gateway.api_token.get_secret_value() == "1234"
    assert settings.engine.name is EngineName.DOCKER
    assert settings.memory.budget == 4 * 2**30
    assert (pool.command, pool.cpus, pool.read_only, pool.idle_timeout) == (
        ("app", "--port={port}"),
        0.5,
        False,
        90.0,
    )
    assert pool.env == {"LANG": "C"}


ALL_WRONG = """
surprise = 3
[gateway]
port = 70000
prot = 8000
host = "a b"
admin_host = "0.0.0.0"
embed_origins = ["null", "https://example.org/"]
trusted_proxies = ["127.0.0.1", "10.1.1.1/8", "me"]
public_url = "example.org"
api_tokn = "hush"
secret = "hush"
state_dir = "here"
log_format = "xml"
[gatway]
api_token = "hush"
[engine]
name = "podman"
start_concurrency = true
[memory]
budget = "12 parsecs"
reserve = "512M"
[[pools]]
name = "a"
memory = "10MiB"
warm = 30
wram = 3
idle_timeout = "soon"
command = ["app", "{prot}"]
env = {A = 1}
[[pools]]
name = "a"
kind = "pluto"
mode = "view"
entry = "../x"
notebook = "/x"
pids = 3
cpus = "all"
read_only = "perhaps"
user = "root"
egress = "lan"
max_age = 0
[[pools]]
name = "C"
title = 3
kind = "generic"
mode = "view"
"""

EXPECTED = {
    "surprise": ("3", "no such key; there are gateway, engine, memory, limits, pools"),
    "gateway.port": ("70000", "a whole number from 0 to 65535"),
    "gateway.prot": ("8000", "no such key; did you mean gateway.port?"),
    "gateway.host": ('"a b"', "or a host name"),
    "gateway.admin_token": (
        "not set (the default)",
        "a token, as gateway.admin_host 0.0.0.0 is not loopback",
    ),
    "gateway.embed_origins": ('["null", "https://example.org/"]', "'null', 'https://example.org/'"),
    "gateway.trusted_proxies[1]": ('"10.1.1.1/8"', "10.0.0.0/8, if that network is meant"),
    "gateway.trusted_proxies[2]": ('"me"', "a network such as"),
    "gateway.public_url": ('"example.org"', "an absolute address such as"),
    "gateway.api_tokn": ("(hidden)", "did you mean gateway.api_token?"),
    "gateway.secret": ("(hidden)", "at least 16 characters"),
    "gateway.state_dir": ('"here"', "an absolute folder"),
    "gateway.log_format": ('"xml"', "auto, console or json"),
    "gatway": ("a table", "did you mean gateway?"),
    "engine.name": ('"podman"', "auto, docker or process"),
    "engine.start_concurrency": ("true", "a whole number from 1 to 100"),
    "memory.budget": ('"12 parsecs"', "auto, or a size such as"),
    "memory.reserve": ('"512M"', "512MiB (units of 1024) or 512MB (units of 1000)"),
    "pools[0].memory": ('"10MiB"', "a size of at least 32MiB"),
    "pools[0].warm": ("30", "at most pools[0].max, which is 20"),
    "pools[0].wram": ("3", "did you mean pools[0].warm?"),
    "pools[0].idle_timeout": ('"soon"', "a time such as"),
    "pools[0].command": ('["app", "{prot}"]', "{prot} is none of them"),
    "pools[0].env.A": ("(hidden)", "text in quotes"),
    "pools[0].name": ('"a"', "a name no other pool has"),
    "pools[1].name": ('"a"', "a name no other pool has"),
    "pools[1].entry": ('"../x"', "a relative path"),
    "pools[1].notebook": ('"/x"', "a relative path"),
    "pools[1].pids": ("3", "a whole number from 16"),
    "pools[1].cpus": ('"all"', "a number above 0 up to 1024"),
    "pools[1].read_only": ('"perhaps"', "true or false"),
    "pools[1].user": ('"root"', "a user other than root"),
    "pools[1].egress": ('"lan"', "none or internet"),
    "pools[1].max_age": ("0", "a duration above 0s"),
    "pools[2].name": ('"C"', "1 to 31 of a-z"),
    "pools[2].mode": ('"view"', "edit, as nobody knows what kind generic may be asked"),
    "pools[2].title": ("3", "text in quotes"),
}


@pytest.fixture
def all_wrong(tmp_path: Path) -> dict[str, Problem]:
    return problems_of(tmp_path, ALL_WRONG)


def test_everything_that_is_wrong_is_told_at_once_and_nothing_else(all_wrong: dict[str, Problem]) -> None:
    assert sorted(all_wrong) == sorted(EXPECTED)


@pytest.mark.parametrize("key", EXPECTED)
def test_each_problem_names_key_value_and_what_is_allowed(all_wrong: dict[str, Problem], key: str) -> None:
    value, allowed = EXPECTED[key]
    assert all_wrong[key].value == value
    assert allowed in all_wrong[key].allowed


def test_no_problem_repeats_a_secret(all_wrong: dict[str, Problem]) -> None:
    assert "hush" not in "".join(map(str, all_wrong.values()))


@pytest.mark.parametrize(
    ("text", "key", "value", "allowed"),
    [
        ("gateway = 3", "gateway", "3", "a table headed [gateway]"),
        ("pools = 3", "pools", "3", "tables headed [[pools]]"),
        ("pools = []", "pools", "[]", "at least one table headed [[pools]]"),
        ("pools = [3]", "pools[0]", "3", "tables headed [[pools]]"),
        ("[pools]\nwarm = 3", "pools", "a table", "tables headed [[pools]]"),
        ("[gateway]\ntrusted_proxies = 3", "gateway.trusted_proxies", "3", "a list in square brackets"),
        (
            "[gateway]\nembed_origins = 'https://a.org'",
            "gateway.embed_origins",
            '"https://a.org"',
            "a list in",
        ),
        ("[gateway]\nembed_origins = [1]", "gateway.embed_origins[0]", "1", "text in quotes"),
        ("[gateway]\nport = 2026-01-01", "gateway.port", '"2026-01-01"', "a whole number from 0 to 65535"),
        ("[gateway]\nport = 1.5", "gateway.port", "1.5", "a whole number from 0 to 65535"),
        ("[gateway]\napi_token = 3", "gateway.api_token", "(hidden)", "text in quotes"),
        (
            "[gateway]\nport = 8001",
            "gateway.admin_port",
            "8001 (the default)",
            "a port other than gateway.port",
        ),
        ("[engine]\nname = 3", "engine.name", "3", "auto, docker or process"),
        ("[memory]\nreserve = inf", "memory.reserve", "Infinity", "a size such as"),
        ("[[pools]]\nkind = 'generic'", "pools[0].image", '"" (the default)', "an image, or a command"),
        ("[memory]\nbudget = '256MiB'", "memory.budget", "256MiB", "at least 512MiB"),
        ("[memory]\nidle_timeout = 3", "memory.idle_timeout", "3", "did you mean pools[].idle_timeout?"),
        ("[[pools]]\ncpus = nan", "pools[0].cpus", "NaN", "a number above 0 up to 1024"),
        ("[[pools]]\nkind = []", "pools[0].kind", "[]", "jupyter, pluto or generic"),
        ("[[pools]]\nenv = 'A=b'", "pools[0].env", "(hidden)", "a table of text"),
        ("[[pools]]\nread_only = 3", "pools[0].read_only", "3", "true or false"),
        ("[[pools]]\nmax_age = inf", "pools[0].max_age", "Infinity", "at most 366d"),
        (
            "[[pools]]\ntitle = '" + "x" * 81 + "'",
            "pools[0].title",
            '"' + "x" * 76 + "...",
            "at most 80 characters",
        ),
        ("[[pools]]\nwarm = 99999", "pools[0].warm", "99999", "a whole number from 0 to 10000"),
        (
            "[engine]\nname='process'\n[gateway]\nhost='0.0.0.0'",
            "gateway.host",
            '"0.0.0.0"',
            "a loopback address",
        ),
    ],
)
def test_one_wrong_value_is_one_problem(
    tmp_path: Path, text: str, key: str, value: str, allowed: str
) -> None:
    found = problems_of(tmp_path, text)
    assert list(found) == [key]
    assert found[key].value == value
    assert allowed in found[key].allowed


def test_two_pools_of_one_name_are_told_at_both(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "[[pools]]\n[[pools]]\nname = 'jupyter'")
    assert [(problem.key, problem.value) for problem in found.values()] == [
        ("pools[0].name", '"jupyter" (the default)'),
        ("pools[1].name", '"jupyter"'),
    ]


def test_a_wrong_value_from_the_environment_names_its_variable(tmp_path: Path) -> None:
    environ = {
        "PORT": "http",
        "WARMGATE_POOLS__0__WARM": "many",
        "WARMGATE_POOLS__0__MAX": "1",
        "WARMGATE_NO": "x",
    }
    found = problems_of(tmp_path, "", environ)
    assert found["gateway.port"].value == '"http" (from env PORT)'
    assert found["pools[0].warm"].value == '"many" (from env WARMGATE_POOLS__0__WARM)'
    assert set(found) == {"gateway.port", "pools[0].warm", "WARMGATE_NO"}


def test_a_rule_broken_from_the_environment_names_its_variable(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "", {"WARMGATE_POOLS__0__WARM": "21"})
    assert found["pools[0].warm"].value == "21 (from env WARMGATE_POOLS__0__WARM)"


def test_a_rule_rests_when_a_key_it_looks_at_cannot_be_read(tmp_path: Path) -> None:
    assert set(problems_of(tmp_path, "[[pools]]\nwarm = 30\nmax = 'some'")) == {"pools[0].max"}


def file_problem(file: Path) -> Problem:
    with pytest.raises(ConfigError) as error:
        load(file, None, {}, NO_FLAGS)
    (problem,) = error.value.problems
    return problem


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    problem = file_problem(tmp_path / "none.toml")
    assert (problem.key, problem.value) == (str(tmp_path / "none.toml"), "not there")


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    assert file_problem(tmp_path).value == "a folder"


def test_a_path_through_a_file_is_named(tmp_path: Path) -> None:
    problem = file_problem(written_file(tmp_path, "") / "x")
    assert problem.value == "Not a directory"


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    problem = file_problem(written_file(tmp_path, "[gateway]\nport = 1\nhost = hush\n"))
    assert problem.value == "not TOML"
    assert "line 3" in problem.allowed
    assert "hush" not in problem.allowed


def test_a_file_that_is_not_utf8_is_told_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes(b'[gateway]\nhost = "\xfc"')
    assert file_problem(file).value == "byte 18 is not UTF-8"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert (
        load(written_file(tmp_path, "\ufeff[gateway]\nport = 1"), None, {}, NO_FLAGS).settings.gateway.port
        == 1
    )


def test_an_unknown_preset_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError) as error:
        load(None, "production", {}, NO_FLAGS)
    assert error.value.problems == (Problem("preset", '"production"', "one of dev, prod, test"),)


def preset_text(name: str) -> str:
    return resources.files("config").joinpath("presets", f"{name}.toml").read_text("utf-8")


def test_the_presets_are_the_files_there_are() -> None:
    folder = resources.files("config").joinpath("presets")
    assert {entry.name for entry in folder.iterdir() if entry.is_file()} == {
        f"{name}.toml" for name in PRESETS
    }


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_sound_explained_and_keeps_to_loopback(name: str) -> None:
    loaded = load(None, name, {}, NO_FLAGS)
    assert preset_text(name).startswith("# ")
    assert loaded.settings.gateway.host == loaded.settings.gateway.admin_host == "127.0.0.1"
    assert tomllib.loads(preset_text(name))["gateway"]["host"] == "127.0.0.1"
    assert loaded.origins["gateway.host"] == f"preset {name}"


def test_the_dev_preset_leads_to_the_welcome_notebook() -> None:
    settings = load(None, "dev", {}, NO_FLAGS).settings
    (pool,) = settings.pools
    assert (pool.notebook, pool.entry) == ("welcome.ipynb", "notebooks/welcome.ipynb")
    assert settings.gateway.log_format is LogFormat.CONSOLE
    assert pool.max == 5


def test_the_prod_preset_never_falls_back_to_processes() -> None:
    settings = load(None, "prod", {}, NO_FLAGS).settings
    assert settings.engine.name is EngineName.DOCKER
    assert settings.gateway.log_format is LogFormat.JSON
    assert settings.gateway.trusted_proxies == (
        ipaddress.ip_network("127.0.0.1"),
        ipaddress.ip_network("::1"),
    )
    assert settings.pools[0].warm == 3


def test_the_test_preset_takes_any_port_and_leaves_nothing_behind() -> None:
    settings = load(None, "test", {}, NO_FLAGS).settings
    assert (settings.gateway.port, settings.gateway.admin_port) == (0, 0)
    assert settings.gateway.on_stop is OnStop.REMOVE_ALL


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = [
    f"{section}.{key}"
    for section in ("gateway", "engine", "memory")
    for key in SECTIONS[section].model_fields
]
KEYS += [f"pools[0].{key}" for key in SECTIONS["pools"].model_fields]


def problems_with(layers: Layers) -> tuple[Problem, ...]:
    try:
        _checked(layers)
    except ConfigError as error:
        return error.problems
    return ()


@given(st.dictionaries(st.sampled_from(KEYS), JUNK, max_size=6))
def test_any_value_anywhere_is_settings_or_problems_that_name_its_key(flags: dict[str, object]) -> None:
    layers = Layers()
    layers.put_flags(flags)
    for problem in problems_with(layers):
        assert problem.allowed
        assert problem.key.startswith(("gateway.", "engine.", "memory.", "pools[0]."))


@given(
    st.dictionaries(
        st.sampled_from(["gateway", "engine", "memory", "pools", "other", "port"]), JUNK, max_size=4
    )
)
def test_any_tree_is_settings_or_problems(tree: dict[str, object]) -> None:
    layers = Layers()
    layers.lay(tree, "file")
    assert all(problem.key and problem.allowed for problem in problems_with(layers))
