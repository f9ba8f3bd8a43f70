"""Notebooks that fail, never end or take all memory while the build watches. One server visits them all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.integration.images.conftest import SERVER, in_container, scripts, told_in

if TYPE_CHECKING:
    from pool.building.pluto.told import Told

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

HEAD = "### A Pluto.jl notebook ###\n# v0.17.7\n\nusing Markdown\nusing InteractiveUtils\n"


def notebook(*cells: str) -> bytes:
    ids = [f"{n:08}-0000-4000-8000-{n:012}" for n in range(1, len(cells) + 1)]
    text = "".join(f"\n# ╔═╡ {cell}\n{code}\n" for cell, code in zip(ids, cells, strict=True))
    order = "".join(f"# ╠═{cell}\n" for cell in ids)
    return f"{HEAD}{text}\n# ╔═╡ Cell order:\n{order}".encode()


COURSE = {
    "failing.jl": notebook("a = 1", "a ÷ 0"),
    "endless.jl": notebook("while true\n  sleep(0.1)\nend"),
    "hungry.jl": notebook("x = fill(0x01, 2 * 10^9); length(x)", "sleep(600)"),
    "plain.jl": notebook("sum(sqrt(k) for k in 1:10)"),
}

COMMAND = """
. /build/surroundings.sh && at_home && julia --startup-file=no /build/drive.jl trace \
 && julia --startup-file=no /build/merge.jl /build/traces /build/statements.jl
echo "server: $(cat /build/server.log)"
echo "left: $(grep -lx julia /proc/[0-9]*/comm | wc -l)"
"""


@pytest.fixture(scope="module")
def printed() -> str:
    files = scripts() | {f"srv/notebooks/{path}": content for path, content in COURSE.items()}
    limits = ("-e", "TRACE_TIMEOUT=20", "-e", f"NOTEBOOK_MEMORY={10**9}")
    options = ("--user", "0", "--entrypoint", "", "--network", "none", *limits)
    return asyncio.run(in_container(SERVER, COMMAND, files, *options))


@pytest.fixture(scope="module")
def told(printed: str) -> list[Told]:
    return told_in(printed)


def warnings(told: list[Told], notebook: str) -> list[Told]:
    return [line for line in told if line.get("notebook") == notebook]


def test_a_cell_that_fails_is_a_warning_with_its_error(told: list[Told]) -> None:
    (warning,) = warnings(told, "failing.jl")
    assert warning["warning"] == "cell"
    assert "00000002-0000-4000-8000-000000000002" in str(warning["text"])
    assert "a ÷ 0" in str(warning["text"])
    assert "DivideError" in str(warning["text"])


def test_a_notebook_that_never_ends_is_left_after_its_time(told: list[Told]) -> None:
    assert [line["warning"] for line in warnings(told, "endless.jl")] == ["stuck"]
    assert "--trace-timeout" in str(warnings(told, "endless.jl")[0]["text"])


def test_a_notebook_that_takes_too_much_memory_is_ended_and_named(told: list[Told]) -> None:
    (warning,) = warnings(told, "hungry.jl")
    assert "GiB of memory" in str(warning["text"])


def test_the_notebooks_behind_them_are_visited_all_the_same(told: list[Told]) -> None:
    assert [line["ran"] for line in told if "ran" in line] == sorted(COURSE)
    assert warnings(told, "plain.jl") == []


def test_server_and_notebook_processes_are_traced_and_each_statement_is_kept_once(told: list[Told]) -> None:
    (merged,) = [line for line in told if "kept" in line]
    assert int(merged["processes"]) == 1 + len(COURSE)
    assert 0 < int(merged["kept"]) < int(merged["traced"])


def test_no_process_outlives_the_visits(printed: str) -> None:
    assert "left: 0" in printed
