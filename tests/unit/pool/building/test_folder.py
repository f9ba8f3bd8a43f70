from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pool.building.errors import NotebooksMissing
from pool.building.folder import NotebookFolder, read_folder

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "### A Pluto.jl notebook ###\n# v0.17.7\n"


def notebook(code: str = "1 + 1", lists: str = "") -> bytes:
    return f"{HEAD}\n# ╔═╡ a\n{code}\n{lists}\n# ╔═╡ Cell order:\n# ╠═a\n".encode()


def carrying(package: str) -> str:
    return f'\n# ╔═╡ 0001\nPLUTO_PROJECT_TOML_CONTENTS = """\n[deps]\n{package} = "uuid"\n"""\n'


def test_notebooks_are_found_in_subfolders_and_other_files_are_not_notebooks(tmp_path: Path) -> None:
    (tmp_path / "week 1").mkdir()
    (tmp_path / "week 1" / "first.jl").write_bytes(notebook())
    (tmp_path / "helper.jl").write_text("f(x) = x")
    (tmp_path / "data.csv").write_text("1,2")
    found = read_folder(tmp_path)
    assert found.notebooks == ("week 1/first.jl",)
    assert set(found.files) == {"week 1/first.jl", "helper.jl", "data.csv"}


def test_hidden_files_stay_out(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("secret")
    (tmp_path / "a.jl").write_bytes(notebook())
    assert set(read_folder(tmp_path).files) == {"a.jl"}


def test_a_folder_without_notebooks_names_the_julia_files_it_holds(tmp_path: Path) -> None:
    (tmp_path / "script.jl").write_text("println(1)")
    with pytest.raises(NotebooksMissing, match=r"script\.jl"):
        read_folder(tmp_path)


def test_a_folder_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(NotebooksMissing, match="is no folder"):
        read_folder(tmp_path / "nowhere")


def test_a_file_with_cells_and_no_header_counts_as_meant_for_a_notebook() -> None:
    assert NotebookFolder({"a.jl": notebook().removeprefix(b"###")}).notebooks == ("a.jl",)


def test_an_edited_cell_changes_nothing_about_packages() -> None:
    before = NotebookFolder({"a.jl": notebook("1 + 1", carrying("Tiny"))})
    after = NotebookFolder({"a.jl": notebook("2 + 2", carrying("Tiny"))})
    assert before.package_lists == after.package_lists


def test_a_copy_of_a_notebook_changes_nothing_about_packages() -> None:
    one = NotebookFolder({"a.jl": notebook("1", carrying("Tiny"))})
    two = NotebookFolder({"a.jl": notebook("1", carrying("Tiny")), "b.jl": notebook("2", carrying("Tiny"))})
    assert one.package_lists == two.package_lists


@pytest.mark.parametrize(
    "changed",
    [
        {"a.jl": notebook("1", carrying("Other"))},
        {"a.jl": notebook("1", carrying("Tiny")), "Project.toml": b"[deps]"},
        {"a.jl": notebook("1", carrying("Tiny")), "sub/Manifest.toml": b""},
        {"a.jl": notebook("1")},
    ],
)
def test_a_changed_list_of_packages_is_noticed(changed: dict[str, bytes]) -> None:
    before = NotebookFolder({"a.jl": notebook("1", carrying("Tiny"))})
    assert NotebookFolder(changed).package_lists != before.package_lists
