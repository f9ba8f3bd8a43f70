from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import psutil
import pytest

from pool.core.observed import Host
from pool.memory import STALLED_FROM, STALLED_UNTIL, HostWatch, available, pressure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 2**20
G = 2**30
HOST = 8 * G
UNLIMITED = 9223372036854771712
"""What cgroup v1 writes where there is no limit."""


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=HOST, total=HOST))


class Tree:
    """A /proc and a /sys/fs/cgroup of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.proc = folder / "proc"
        self.cgroups = folder / "cgroup"
        (self.proc / "self").mkdir(parents=True)
        (self.proc / "pressure").mkdir()
        self.cgroups.mkdir()

    def inside(self, *lines: str) -> None:
        (self.proc / "self/cgroup").write_text("".join(f"{line}\n" for line in lines))

    def v2(self, path: str, limit: int | str, used: int, file: int = 0) -> None:
        """Write what a cgroup of version 2 says; `file` bytes of what it uses would give way."""
        self._write(self.cgroups / path, "memory.max", limit, "memory.current", used)
        stat = f"anon {used - file}\ninactive_file {file}\nactive_file 0\n"
        (self.cgroups / path / "memory.stat").write_text(stat)

    def v1(self, path: str, limit: int, used: int, file: int = 0) -> None:
        folder = self.cgroups / "memory" / path
        self._write(folder, "memory.limit_in_bytes", limit, "memory.usage_in_bytes", used)
        (folder / "memory.stat").write_text(f"cache 5\ninactive_file 7\ntotal_inactive_file {file}\n")

    @staticmethod
    def _write(folder: Path, *pairs: int | str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            (folder / str(name)).write_text(f"{value}\n")

    @property
    def left(self) -> int:
        return available(self.proc, self.cgroups)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_where_nothing_limits_this_process_the_machine_does(tree: Tree) -> None:
    assert tree.left == HOST
    tree.inside("0::/user.slice")
    assert tree.left == HOST


def test_a_cgroup_leaves_what_its_limit_is_above_its_use(tree: Tree) -> None:
    tree.inside("0::/app.slice/gateway.service")
    tree.v2("app.slice/gateway.service", G, 300 * MIB)
    assert tree.left == G - 300 * MIB


def test_a_limit_above_what_the_machine_has_changes_nothing(tree: Tree) -> None:
    tree.inside("0::/a")
    tree.v2("a", 100 * HOST, 0)
    assert tree.left == HOST


def test_the_tightest_of_nested_limits_counts_wherever_it_is(tree: Tree) -> None:
    tree.inside("0::/outer/middle/inner")
    tree.v2("outer", 4 * G, 1 * G)
    tree.v2("outer/middle", 2 * G, 1 * G + 900 * MIB)
    tree.v2("outer/middle/inner", G, 100 * MIB)
    assert tree.left == 2 * G - (G + 900 * MIB)
    tree.v2("outer/middle", "max", G)
    assert tree.left == G - 100 * MIB


def test_cached_files_that_would_give_way_are_not_in_use(tree: Tree) -> None:
    tree.inside("0::/a")
    tree.v2("a", G, G, file=700 * MIB)
    assert tree.left == 700 * MIB


def test_a_cgroup_above_its_limit_leaves_nothing_and_not_less(tree: Tree) -> None:
    tree.inside("0::/a")
    tree.v2("a", G, G + 5 * MIB)
    assert tree.left == 0


def test_in_a_container_its_own_root_is_the_cgroup(tree: Tree) -> None:
    tree.inside("0::/")
    tree.v2("", G, 200 * MIB)
    assert tree.left == G - 200 * MIB


@pytest.mark.parametrize("path", ["/docker/0123abcd", "/../other"])
def test_a_path_of_the_host_that_a_container_cannot_see_is_no_obstacle_to_its_root(
    tree: Tree, path: str
) -> None:
    tree.inside(f"0::{path}")
    tree.v2("", G, 0)
    assert tree.left == G


def test_version_1_has_a_tree_of_its_own_for_memory(tree: Tree) -> None:
    tree.inside("12:cpu,cpuacct:/docker/a", "5:memory:/docker/a", "1:name=systemd:/docker/a")
    tree.v1("docker/a", 2 * G, G, file=400 * MIB)
    assert tree.left == G + 400 * MIB


def test_version_1_nests_as_well_and_its_unlimited_number_is_no_limit(tree: Tree) -> None:
    tree.inside("5:cpuset,memory:/docker/a")
    tree.v1("docker/a", UNLIMITED, 10 * MIB)
    assert tree.left == HOST
    tree.v1("docker", 3 * G, G)
    assert tree.left == 2 * G


def test_version_1_in_a_container_is_read_at_the_root_of_its_tree(tree: Tree) -> None:
    tree.inside("5:memory:/docker/0123abcd", "0::/docker/0123abcd")
    tree.v1("", G, 0)
    assert tree.left == G


def test_another_controllers_cgroup_limits_no_memory(tree: Tree) -> None:
    tree.inside("3:memoryless,pids:/a")
    tree.v1("a", MIB, 0)
    assert tree.left == HOST


SOME = "some avg10={} avg60=1.00 avg300=0.50 total=12345\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0\n"


def test_pressure_is_the_share_of_the_last_ten_seconds_in_which_some_program_waited(tree: Tree) -> None:
    (tree.proc / "pressure/memory").write_text(SOME.format("12.34"))
    assert pressure(tree.proc) == 12.34


@pytest.mark.parametrize("content", ["", "some\n", "some avg10=much\n", "some total=1\n"])
def test_pressure_that_cannot_be_read_is_not_known(tree: Tree, content: str) -> None:
    assert pressure(tree.proc) is None
    (tree.proc / "pressure/memory").write_text(content)
    assert pressure(tree.proc) is None


def watch(*readings: float | None, available: int = 2 * G) -> Iterator[Host]:
    """Yield what a watch says at each of these readings of the pressure."""
    told = iter(readings)
    host = HostWatch(G, available=lambda: available, pressure=lambda: next(told))
    return (host.look() for _ in readings)


def test_the_host_has_room_for_what_is_available_beyond_the_reserve() -> None:
    assert list(watch(0.0)) == [Host(room=G)]
    assert [host.strained for host in watch(0.0, available=G - 1)] == [True]
    assert [host.strained for host in watch(0.0, available=G)] == [False]


def test_a_stall_begins_at_its_threshold_and_lasts_until_it_is_well_below() -> None:
    readings = (STALLED_FROM - 0.1, STALLED_FROM, STALLED_UNTIL, STALLED_UNTIL - 0.1, STALLED_FROM - 0.1)
    assert [host.stalled for host in watch(*readings)] == [False, True, True, False, False]


def test_where_the_kernel_tells_no_pressure_nothing_ever_stalls() -> None:
    assert [host.stalled for host in watch(50.0, None, None)] == [True, False, False]


def test_instances_on_another_machine_leave_this_one_out_of_account_but_not_out_of_sight() -> None:
    host = HostWatch(G, available=lambda: 5, pressure=lambda: 80.0, total=lambda: 8 * G)
    assert host.look(16 * G) == Host()
    assert (host.available, host.pressure) == (5, 80.0)


@pytest.mark.parametrize("engines", [0, 8 * G, 8 * G - 50 * MIB, 8 * G + 50 * MIB])
def test_the_engine_is_taken_to_run_here_unless_it_tells_of_a_clearly_different_machine(engines: int) -> None:
    host = HostWatch(G, available=lambda: 0, pressure=lambda: None, total=lambda: 8 * G)
    assert host.look(engines).strained
