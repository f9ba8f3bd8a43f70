from __future__ import annotations

import pytest

from config import WarmgateError
from gateway.cli.answers import Readiness
from gateway.cli.errors import AnswerUnusable, GatewaySilent, GatewayUnreachable, TokenRefused
from gateway.doctor.running import Running, judge
from gateway.doctor.verdict import Level
from tests.unit.gateway.cli.overviews import MIB, instance, overview

READY = Readiness(ready=True)


def levels(running: Running, gateway_id: str = "test") -> list[Level]:
    return [verdict.level for verdict in judge(running, gateway_id)]


def test_a_gateway_that_can_serve_is_well() -> None:
    assert levels(Running(overview(), READY)) == [Level.OK]


def test_no_gateway_is_worth_a_warning_and_one_that_cannot_be_asked_fails() -> None:
    assert levels(Running(error=GatewayUnreachable("refused"))) == [Level.WARN]
    for error in (GatewaySilent, TokenRefused, AnswerUnusable):
        assert levels(Running(error=error("why"))) == [Level.FAIL]


@pytest.mark.parametrize(
    ("ready", "expected"), [(False, [Level.FAIL] * 2), (True, [Level.OK, *[Level.WARN] * 2])]
)
def test_each_reason_of_the_gateways_own_is_a_line(ready: bool, expected: list[Level]) -> None:  # noqa: FBT001
    assert levels(Running(overview(), Readiness(ready=ready, reasons=("one", "two")))) == expected


def test_a_gateway_that_cannot_serve_and_does_not_say_why_still_fails() -> None:
    assert levels(Running(overview(), Readiness(ready=False))) == [Level.FAIL]


def test_another_gateway_at_the_admin_address_is_told_from_ours() -> None:
    assert levels(Running(overview(), READY), "another")[0] is Level.FAIL


def test_what_instances_use_is_the_sum_of_what_could_be_measured() -> None:
    running = Running(overview(instance("a", measured=3 * MIB), instance("b")), READY)
    assert running.measured == 3 * MIB
    assert Running(error=WarmgateError()).measured == 0
