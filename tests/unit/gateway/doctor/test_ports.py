from __future__ import annotations

import errno

import pytest

from gateway.doctor.ports import Door, judge
from gateway.doctor.verdict import Level


def door(error: int = 0, **changes: object) -> Door:
    values = {"key": "admin_port", "host": "127.0.0.1", "port": 8001, "error": error, "taken_by": ""}
    return Door(**(values | changes))  # type: ignore[arg-type] # any field


def test_a_free_port_is_well_unless_the_gateway_should_listen_there() -> None:
    assert judge(door(), ours=False).level is Level.OK
    assert judge(door(), ours=True).level is Level.FAIL


def test_a_port_in_use_is_well_only_while_the_gateway_runs() -> None:
    assert judge(door(errno.EADDRINUSE), ours=True).level is Level.OK
    verdict = judge(door(errno.EADDRINUSE, taken_by="nginx (process 7)"), ours=False)
    assert verdict.level is Level.FAIL
    assert "nginx" in verdict.finding
    assert "[gateway] admin_port" in verdict.remedy


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (errno.EACCES, "1024 or more"),
        (errno.EADDRNOTAVAIL, "[gateway] admin_host"),
        (errno.EAFNOSUPPORT, "[gateway] admin_port"),
    ],
)
def test_whatever_keeps_an_address_from_being_had_names_the_key(error: int, remedy: str) -> None:
    verdict = judge(door(error), ours=False)
    assert verdict.level is Level.FAIL
    assert remedy in verdict.remedy


def test_port_0_is_always_free() -> None:
    assert judge(door(port=0), ours=False).level is Level.OK
