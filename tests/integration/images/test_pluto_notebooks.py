"""What the build's own reading of notebooks finds wrong, by a real Julia. One container reads all folders."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.integration.images.conftest import JULIA, in_container, scripts, told_in

if TYPE_CHECKING:
    from pool.building.pluto.told import Told

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

HEAD = "### A Pluto.jl notebook ###\n# v0.17.7\n\nusing Markdown\n"
TINY = 'TinyNumbers = "7a3f3a1e-5b1c-4c57-9d0f-2f6f0b6b9a11"'
LIST = f'PLUTO_PROJECT_TOML_CONTENTS = """\n[deps]\n{TINY}\n"""'
PINS = 'PLUTO_MANIFEST_TOML_CONTENTS = """\n[[TinyNumbers]]\nversion = "1.0.0"\n"""'
HELD = b'[[TinyNumbers]]\nversion = "1.1.0"\n'
OWN_LIST, OWN_PINS = f"00000000-0000-0000-0000-{1:012}", f"00000000-0000-0000-0000-{2:012}"


def notebook(*cells: str, **lists: str) -> bytes:
    """A notebook whose first cell begins in line 7."""
    named = {f"cell-{n}": code for n, code in enumerate(cells)} | lists
    text = "".join(f"\n# ╔═╡ {name}\n{code}\n" for name, code in named.items())
    return f"{HEAD}{text}\n# ╔═╡ Cell order:\n".encode()


FOLDERS: dict[str, dict[str, bytes]] = {
    "fine": {
        "a.jl": notebook(
            "using Statistics, Markdown", 'md"using Foo"', ":(using Foo)", "module A\nusing ..B\nend"
        ),
        "helper.jl": b"using Foo",
        "data.csv": b"1",
    },
    "not closed": {"a.jl": notebook("1 + 1", "x = 1\ny = (2")},
    "closed twice": {"a.jl": notebook("x = 'é'\n\ny = 2)\nz = 3")},
    "no header": {"a.jl": notebook("1").removeprefix(b"###")},
    "no order": {"a.jl": notebook("1").replace("\n# ╔═╡ Cell order:".encode(), b"")},
    "not text": {"a.jl": notebook("1") + b"\xff"},
    "unlisted": {"a.jl": notebook("# numbers\nusing TinyNumbers", "begin\n  import Foo.Bar: baz\nend")},
    "listed": {"a.jl": notebook("using TinyNumbers", **{OWN_LIST: LIST})},
    "in the project": {"a.jl": notebook("using TinyNumbers"), "Project.toml": f"[deps]\n{TINY}".encode()},
    "activates nothing": {"a.jl": notebook("import Pkg; Pkg.activate(@__DIR__)")},
    "activates": {"a.jl": notebook("import Pkg; Pkg.activate(@__DIR__)"), "Project.toml": b""},
    "manifest alone": {"a.jl": notebook("1"), "sub/Manifest.toml": b""},
    "pinned": {"a.jl": notebook("using TinyNumbers", **{OWN_LIST: LIST, OWN_PINS: PINS})},
}


@pytest.fixture(scope="module")
def readings() -> dict[str, list[Told]]:
    files = {
        f"course/{folder}/{path}": content
        for folder, course in FOLDERS.items()
        for path, content in course.items()
    }
    command = (
        'cd /course; for folder in *; do echo "== $folder";'
        ' julia --startup-file=no --compile=min -O0 /build/check.jl "$folder" /held.toml; done'
    )
    printed = asyncio.run(in_container(JULIA, command, {**scripts(), **files, "held.toml": HELD}))
    parts = printed.split("== ")[1:]
    return {part.partition("\n")[0]: told_in(part) for part in parts}


@pytest.mark.parametrize("folder", ["fine", "listed", "in the project", "activates"])
def test_a_folder_that_is_right_is_read_without_a_word(readings: dict[str, list[Told]], folder: str) -> None:
    assert [told for told in readings[folder] if "warning" not in told] == []


@pytest.mark.parametrize(
    ("folder", "kind", "said"),
    [
        ("not closed", "notebook", ["a.jl, cell cell-1, line 11: ", "incomplete"]),
        ("closed twice", "notebook", ["a.jl, cell cell-0, line 9: "]),
        ("no header", "notebook", ["a.jl has Pluto's cells"]),
        ("no order", "notebook", ["a.jl begins as a Pluto notebook"]),
        ("not text", "notebook", ["a.jl is not UTF-8"]),
        ("unlisted", "project", ["cell-0, line 8: `TinyNumbers` is", "cell-1, line 12: `Foo` is"]),
        ("activates nothing", "project", ["a.jl, cell cell-0, line 7: activates the folder's project"]),
        ("manifest alone", "project", ["sub/Manifest.toml has no Project.toml"]),
    ],
)
def test_what_is_wrong_is_told_with_file_cell_and_line(
    readings: dict[str, list[Told]], folder: str, kind: str, said: list[str]
) -> None:
    (told,) = readings[folder]
    assert told["error"] == kind
    assert [part for part in said if part not in str(told["text"])] == []


def test_a_notebook_that_names_another_version_than_the_image_holds_is_warned_about(
    readings: dict[str, list[Told]],
) -> None:
    (told,) = readings["pinned"]
    assert told["warning"] == "pin"
    assert told["notebook"] == "a.jl"
    assert "TinyNumbers 1.0.0, the image holds 1.1.0" in str(told["text"])
