from __future__ import annotations

import re

import pytest

from config import ConfigError, Problem, load
from config.keys import SECTIONS
from config.show import problems_list, reference, settings_table


def table(environ: dict[str, str]) -> dict[str, tuple[str, str]]:
    lines = settings_table(load(None, "prod", environ, {"pools[0].idle_timeout": "90m"})).splitlines()
    cells = [re.split(r"  +", line) for line in lines]
    assert cells[0] == ["key", "value", "from"]
    return {key: (value, origin) for key, value, origin in cells[1:]}


def test_every_effective_setting_is_shown_with_its_origin() -> None:
    rows = table({"PORT": "9000"})
    assert rows["gateway.port"] == ("9000", "env PORT")
    assert rows["gateway.host"] == ('"127.0.0.1"', "preset prod")
    assert rows["memory.reserve"] == ("1GiB", "preset prod")
    assert rows["pools[0].idle_timeout"] == ("1h30m", "flag")
    assert rows["pools[0].read_only"] == ("true", "default")
    assert len(rows) == sum(len(model.model_fields) for model in SECTIONS.values())


def test_secrets_are_only_said_to_be_set() -> None:
    rows = table({})
    assert rows["gateway.secret"] == ("generated", "default")
    assert rows["gateway.api_token"] == ("not set", "default")
    environ = {
        "WARMGATE_GATEWAY__SECRET": "hush-hush-hush-hush",
        "WARMGATE_GATEWAY__API_TOKEN": "hush",
        "WARMGATE_GATEWAY__ADMIN_TOKEN": "hush",
        "WARMGATE_POOLS__0__ENV__A": "hush",
    }
    rows = table(environ)
    assert (
        rows["gateway.secret"][0] == rows["gateway.api_token"][0] == rows["gateway.admin_token"][0] == "set"
    )
    assert rows["pools[0].env"][0] == "{A = ...}"
    assert "hush" not in str(rows)


def test_columns_are_aligned_and_lines_have_no_blank_end() -> None:
    lines = settings_table(load(None, None, {}, {})).splitlines()
    start = lines[0].index("value")
    assert all(line[start - 1] == " " and line[start] != " " for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_text_with_line_ends_stays_on_its_line() -> None:
    text = settings_table(load(None, None, {"WARMGATE_POOLS__0__TITLE": "a\nb\x1b[31m"}, {}))
    assert "\x1b" not in text
    assert '"a\\nb\\u001b[31m"' in text


def test_every_pool_is_shown() -> None:
    loaded = load(None, None, {"WARMGATE_POOLS__1__NAME": "b"}, {})
    assert "pools[1].name" in settings_table(loaded)


def test_problems_are_listed_with_key_value_and_what_is_allowed() -> None:
    error = ConfigError(Problem("gateway.port", "-1", "a port"), Problem("memory.budget", '"x"', "auto"))
    assert problems_list(error).splitlines() == [
        "2 problems in the configuration:",
        "",
        "key            value  allowed",
        "gateway.port   -1     a port",
        'memory.budget  "x"    auto',
    ]


def test_one_problem_is_one() -> None:
    assert problems_list(ConfigError(Problem("a", "b", "c"))).startswith("1 problem in the configuration:")


@pytest.mark.parametrize("section", SECTIONS)
def test_the_reference_has_every_key_with_default_and_meaning(section: str) -> None:
    text = reference()
    for key, field in SECTIONS[section].model_fields.items():
        rows = re.findall(rf"^\| `{key}` \| `([^`]+)` \| (.+) \|$", text, re.MULTILINE)
        meaning = " ".join((field.description or "").split())
        assert meaning in {found for _, found in rows}, key


def test_the_reference_shows_defaults_as_they_could_stand_in_the_file() -> None:
    text = reference()
    assert "| `memory` | `512MiB` |" in text
    assert "| `idle_timeout` | `10m` |" in text
    assert "| `secret` | `generated` |" in text
    assert '| `host` | `"127.0.0.1"` |' in text
    assert "### `[[pools]]`" in text
    assert "`WARMGATE_POOLS__0__NAME`" in text


def test_the_reference_holds_nothing_markdown_would_swallow() -> None:
    plain = re.sub(r"`[^`]*`", "", reference())
    assert not re.search(r"[<>*{}]", plain)
    assert all(line.count("|") == 4 for line in reference().splitlines() if line.startswith("|"))
