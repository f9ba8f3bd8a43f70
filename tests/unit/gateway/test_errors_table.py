from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import config
import gateway
import pool
from config.errors import WarmgateError
from gateway import errors_table
from gateway.errors_table import BEGIN, END, cause, rewrite, table, tree, with_table

if TYPE_CHECKING:
    from types import ModuleType

README = Path(config.__file__).parents[1] / "README.md"
ROOMS: dict[str, ModuleType] = {"config": config, "pool": pool, "gateway": gateway}

every_error = pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)


def modules() -> list[ModuleType]:
    """Import all there are, but for the one that runs the command."""
    return [
        importlib.import_module(found.name)
        for name, room in ROOMS.items()
        for found in pkgutil.walk_packages(room.__path__, f"{name}.")
        if not found.name.endswith("__main__")
    ]


def test_no_error_of_any_module_is_left_out() -> None:
    defined = {
        thing
        for module in modules()
        for thing in vars(module).values()
        if inspect.isclass(thing) and issubclass(thing, WarmgateError)
    }
    homes = {module.__name__ for module in errors_table.HOMES} | {"config.errors"}
    assert {kind.__module__ for kind in defined} == homes
    assert defined == set(tree())


def test_no_two_errors_have_the_same_code() -> None:
    codes = [kind.code for kind in tree()]
    assert sorted(set(codes)) == codes


@every_error
def test_each_error_has_a_code_of_its_own_and_says_cause_and_remedy(kind: type[WarmgateError]) -> None:
    assert re.fullmatch(r"W[0-6]\d\d", kind.code)
    assert "code" in vars(kind)
    assert cause(kind).endswith(".")
    assert kind.remedy.endswith((".", "`."))
    assert kind.visitor.endswith(".")
    assert 400 <= kind.status <= 599


@every_error
def test_the_first_digit_tells_the_room(kind: type[WarmgateError]) -> None:
    rooms = {"config": "01", "pool": "23", "gateway": "456"}
    assert kind.code[1] in rooms[kind.__module__.partition(".")[0]]


def test_the_table_has_one_row_for_each() -> None:
    rows = table().splitlines()
    assert len(rows) == len(tree()) + 2
    assert all(row.count(" | ") == 4 for row in rows if not row.startswith("|---"))


def test_what_stands_around_the_table_stays(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    rewrite(file)
    assert file.read_text() == f"before\n{BEGIN}\n{table()}\n{END}\nafter\n"
    rewrite(file)
    assert file.read_text() == f"before\n{BEGIN}\n{table()}\n{END}\nafter\n"


@pytest.mark.parametrize("text", ["", BEGIN, f"{END}{BEGIN}", f"{BEGIN}{END}{BEGIN}{END}"])
def test_a_text_without_one_place_for_the_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="one region"):
        with_table(text)


def test_the_readme_has_the_table_of_the_tree() -> None:
    text = README.read_text("utf-8")
    assert with_table(text) == text, "write it anew with `make reference`"
