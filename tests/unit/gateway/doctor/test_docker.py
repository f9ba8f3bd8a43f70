from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.doctor import docker
from gateway.doctor.docker_look import Told
from gateway.doctor.verdict import Level, Verdict
from pool.engines import docker_read
from pool.errors import EngineError, EngineTimeout, EngineUnavailable

INFO: dict[str, Any] = {
    "ServerVersion": "20.10.24",
    "MemoryLimit": True,
    "SwapLimit": True,
    "PidsLimit": True,
    "CpuCfsQuota": True,
    "BridgeNfIptables": True,
    "SecurityOptions": ["name=seccomp,profile=default"],
    "CgroupVersion": "2",
    "LiveRestoreEnabled": True,
}
TOLD = Told(
    version="20.10.24", info=INFO, missing=(), local=True, fingerprints=frozenset(), unreachable=(), reached=2
)


def of(subject: str, told: Told) -> list[Verdict]:
    return [verdict for verdict in docker.judge(told) if verdict.subject == subject]


def test_an_engine_that_keeps_every_promise_is_well() -> None:
    assert {verdict.level for verdict in docker.judge(TOLD)} == {Level.OK}


@pytest.mark.parametrize(
    ("key", "value", "level"),
    [
        ("MemoryLimit", False, Level.FAIL),
        ("PidsLimit", False, Level.FAIL),
        ("BridgeNfIptables", False, Level.FAIL),
        ("SwapLimit", False, Level.WARN),
        ("CpuCfsQuota", False, Level.WARN),
        ("SecurityOptions", [], Level.WARN),
    ],
)
def test_each_limit_the_engine_lacks_is_told_and_what_mends_it(key: str, value: object, level: Level) -> None:
    (verdict,) = of("limits", replace(TOLD, info={**INFO, key: value}))
    assert verdict.level is level
    assert verdict.remedy


def test_there_is_a_remedy_for_everything_an_engine_can_lack() -> None:
    lacking = docker_read.lacks(
        dict.fromkeys(INFO, False) | {"SecurityOptions": [], "ServerVersion": "20.10"}
    )
    assert set(lacking) == set(docker.REMEDIES)


def test_without_live_restore_the_line_to_write_is_shown() -> None:
    (verdict,) = of("live-restore", replace(TOLD, info={**INFO, "LiveRestoreEnabled": False}))
    assert verdict.level is Level.WARN
    assert '"live-restore": true in /etc/docker/daemon.json' in verdict.remedy


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("warmgate/jupyter", "warmgate build jupyter"),
        ("warmgate/jupyter:1", "warmgate build jupyter"),
        ("example.org/team/app:1.2", "docker pull example.org/team/app:1.2"),
    ],
)
def test_a_missing_image_fails_with_the_command_that_brings_it(image: str, command: str) -> None:
    (verdict,) = of("image", replace(TOLD, missing=(image,)))
    assert (verdict.level, verdict.remedy) == (Level.FAIL, command)


def test_an_instance_that_takes_no_connection_fails() -> None:
    (verdict,) = of("reach", replace(TOLD, unreachable=("abcdefghijkl",)))
    assert verdict.level is Level.FAIL
    assert "abcdefgh" in verdict.finding


def test_an_engine_that_is_reached_by_published_ports_is_well() -> None:
    (verdict,) = of("reach", replace(TOLD, local=False))
    assert verdict.level is Level.OK
    assert "127.0.0.1" in verdict.finding


@pytest.mark.parametrize(
    ("prints", "ours", "answers", "level"),
    [
        ((), None, False, Level.OK),
        (("a",), "a", True, Level.OK),
        (("b",), "a", False, Level.WARN),
        (("b",), None, False, Level.WARN),
        (("b",), "a", True, Level.FAIL),
        (("a", "b"), "a", False, Level.FAIL),
    ],
)
def test_instances_that_another_secret_made_show_a_second_gateway_of_the_same_id(
    prints: tuple[str, ...],
    ours: str | None,
    answers: bool,  # noqa: FBT001 - a column of the table
    level: Level,
) -> None:
    told = replace(TOLD, fingerprints=frozenset(prints))
    assert docker.judge_owner(told, "default", ours, answers=answers).level is level


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (EngineUnavailable("version: [Errno 13] Permission denied"), "usermod -aG docker"),
        (EngineUnavailable("version: no such socket"), "systemctl start docker"),
        (EngineTimeout("info: no answer within 10 s"), "systemctl restart docker"),
        (EngineError("Docker 19.03 is too old"), "too old"),
    ],
)
def test_a_silent_engine_fails_with_what_its_silence_calls_for(error: EngineError, remedy: str) -> None:
    verdict = docker.judge_silence(error)
    assert verdict.level is Level.FAIL
    assert remedy in verdict.remedy + verdict.finding
