from __future__ import annotations

import json
from typing import Any

import pytest

from pool.engines import docker_read
from pool.engines.engine import LABEL_INSTANCE, Address, Died, MemoryKill, Status

MIB = 2**20

LISTED: dict[str, Any] = {
    "Id": "c1",
    "State": "running",
    "Labels": {LABEL_INSTANCE: "i1", docker_read.LABEL_PORT: "8888"},
    "Ports": [{"PrivatePort": 8888, "Type": "tcp"}],
    "NetworkSettings": {"Networks": {"warmgate-g": {"IPAddress": "172.18.0.2"}}},
}


def read(**changes: Any) -> docker_read.Summary:
    return docker_read.summaries([LISTED | changes])[0]


def test_a_container_is_reached_at_its_own_address() -> None:
    assert docker_read.address(read()) == Address("172.18.0.2", 8888)


def test_a_published_port_is_preferred() -> None:
    ports = [
        {"IP": "127.0.0.1", "PrivatePort": 9999, "PublicPort": 1, "Type": "tcp"},
        {"IP": "127.0.0.1", "PrivatePort": 8888, "PublicPort": 32768, "Type": "tcp"},
    ]
    assert docker_read.address(read(Ports=ports)) == Address("127.0.0.1", 32768)


def test_only_a_live_container_has_an_address() -> None:
    assert docker_read.address(read(State="paused")) is not None
    assert docker_read.address(read(State="exited")) is None
    assert docker_read.address(read(State="created")) is None
    assert docker_read.address(read(NetworkSettings={"Networks": {"n": {"IPAddress": ""}}})) is None
    assert docker_read.address(read(Labels={docker_read.LABEL_PORT: "http"})) is None


def test_gos_null_is_an_empty_collection() -> None:
    summary = read(Labels=None, Ports=None, NetworkSettings={"Networks": None})
    assert summary.instance_id == ""
    assert docker_read.address(summary) is None


def test_an_answer_without_the_promised_shape_is_refused() -> None:
    for answer in ({"message": "no"}, [{"Id": "c1"}], [LISTED | {"Labels": {"a": 1}}]):
        with pytest.raises(ValueError, match="validation error"):
            docker_read.summaries(answer)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("created", Status.CREATED),
        ("running", Status.RUNNING),
        ("paused", Status.PAUSED),
        ("exited", Status.EXITED),
        ("dead", Status.EXITED),
        ("removing", Status.EXITED),
        ("hibernating", Status.EXITED),
    ],
)
def test_every_state_has_a_status(state: str, status: Status) -> None:
    assert docker_read.status(read(State=state)) is status


def test_memory_on_cgroup_v1_is_usage_without_file_pages() -> None:
    # As an engine 20.10 answers for 10 MiB of heap, 50 MiB in a tmpfs (cache, and on the anonymous list),
    # 200 MiB of read files and 3 MiB of kernel memory.
    stats = {
        "total_rss": 10 * MIB,
        "total_cache": 250 * MIB,
        "total_active_anon": 20 * MIB,
        "total_inactive_anon": 40 * MIB,
        "total_active_file": 150 * MIB,
        "total_inactive_file": 50 * MIB,
        "active_file": 1,
        "inactive_file": 1,
    }
    assert docker_read.memory({"memory_stats": {"usage": 263 * MIB, "stats": stats}}) == 63 * MIB


def test_memory_on_cgroup_v2_is_anonymous_shared_and_kernel_memory() -> None:
    stats = {
        "anon": 10 * MIB,
        "shmem": 50 * MIB,
        "file": 250 * MIB,
        "active_anon": 20 * MIB,
        "inactive_anon": 40 * MIB,
        "active_file": 150 * MIB,
        "inactive_file": 50 * MIB,
        "kernel_stack": MIB,
        "slab": MIB,
        "sock": 0,
    }
    # One MiB of page tables is in no part the engine tells of, but it is in the usage.
    assert docker_read.memory({"memory_stats": {"usage": 263 * MIB, "stats": stats}}) == 63 * MIB
    # File pages that were counted but are already given back must not hide what is really used.
    assert docker_read.memory({"memory_stats": {"usage": 100 * MIB, "stats": stats}}) == 62 * MIB


def test_memory_of_what_does_not_run_is_nothing() -> None:
    assert docker_read.memory({"memory_stats": {}}) == 0
    assert docker_read.memory({}) == 0


GOOD = {
    "ServerVersion": "20.10.24",
    "MemoryLimit": True,
    "SwapLimit": True,
    "PidsLimit": True,
    "CpuCfsQuota": True,
    "BridgeNfIptables": True,
    "SecurityOptions": ["name=seccomp,profile=default"],
}


def test_an_engine_that_can_do_everything_gives_no_warning() -> None:
    assert docker_read.warnings(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"MemoryLimit": False}, "memory"),
        ({"SwapLimit": False}, "swap"),
        ({"PidsLimit": False}, "processes"),
        ({"CpuCfsQuota": False}, "CPU"),
        ({"BridgeNfIptables": False}, "each other"),
        ({"SecurityOptions": []}, "seccomp"),
        ({"SecurityOptions": None}, "seccomp"),
    ],
)
def test_each_lack_is_said(change: dict[str, Any], word: str) -> None:
    (warning,) = docker_read.warnings(GOOD | change)
    assert word in warning


def test_newer_engines_load_the_bridge_filter_themselves_and_say_nothing_of_it() -> None:
    newer = GOOD | {"ServerVersion": "28.1.0", "BridgeNfIptables": False}
    assert docker_read.warnings(newer) == ()
    del newer["BridgeNfIptables"]
    assert docker_read.warnings(newer) == ()


def told(action: str, instance_id: str = "a", code: str = "137") -> bytes:
    attributes = {"warmgate.instance": instance_id} | ({"exitCode": code} if action == "die" else {})
    return json.dumps({"Action": action, "Actor": {"ID": "c", "Attributes": attributes}}).encode()


def test_an_end_is_told_with_whose_it_is() -> None:
    assert docker_read.event(told("die"), set()) == Died("a")


def test_an_end_behind_the_memory_limit_is_told_as_that_and_once() -> None:
    killed: set[str] = set()
    assert docker_read.event(told("oom"), killed) == MemoryKill("a")
    assert docker_read.event(told("die", "b"), killed) == Died("b")
    assert docker_read.event(told("die"), killed) == Died("a", out_of_memory=True)
    assert docker_read.event(told("die"), killed) == Died("a")


def test_a_server_that_ends_by_itself_after_its_kernel_was_killed_has_not_ended_for_memory() -> None:
    killed: set[str] = set()
    docker_read.event(told("oom"), killed)
    assert docker_read.event(told("die", code="0"), killed) == Died("a")
    assert not killed


@pytest.mark.parametrize("code", ["many", "1e3", None])
def test_an_exit_code_that_is_none_is_never_taken_for_memory(code: str) -> None:
    killed = {"a"}
    assert docker_read.event(told("die", code=code), killed) in {None, Died("a")}


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", told("kill"), b'{"Action":"die","Actor":null}'])
def test_what_tells_of_no_end_is_a_hint_at_most(line: bytes) -> None:
    assert docker_read.event(line, set()) is None
