from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from config.errors import WarmgateError
from gateway.errors import (
    BadRequest,
    InstanceUnreachable,
    NotReady,
    OutOfMemory,
    SessionsLimited,
    SessionUnknown,
    SpawnsLimited,
    VersionRefused,
)
from gateway.incidents import QUIET, Incidents
from tests.support.house import Clock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def incidents(clock: Clock) -> Incidents:
    return Incidents(clock)


def noted(incidents: Incidents, error: WarmgateError, instance: str = "") -> Mapping[str, Any] | None:
    with capture_logs() as lines:
        incidents.note(error, instance)
    return lines[0] if lines else None


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (WarmgateError("x"), "warning"),
        (InstanceUnreachable("x"), "warning"),
        (NotReady("x"), "warning"),
        (SpawnsLimited("x", 1.0), "info"),
        (SessionsLimited("x"), "info"),
        (SessionUnknown("x"), "debug"),
        (OutOfMemory("x"), "debug"),
        (BadRequest("x"), "debug"),
        (VersionRefused("x"), "debug"),
    ],
)
def test_an_error_is_told_with_code_and_detail_as_loud_as_it_concerns_the_operator(
    incidents: Incidents, error: WarmgateError, level: str
) -> None:
    assert noted(incidents, error) == {
        "event": "request_failed",
        "log_level": level,
        "code": error.code,
        "detail": "x",
    }


def test_it_is_told_whose_it_was(incidents: Incidents) -> None:
    line = noted(incidents, InstanceUnreachable("x"), "abcdefgh")
    assert line is not None
    assert line["instance"] == "abcdefgh"


def test_a_flood_is_one_line_and_the_next_one_says_how_many_were_left_out(
    incidents: Incidents, clock: Clock
) -> None:
    assert noted(incidents, NotReady("first")) is not None
    assert [noted(incidents, NotReady("again")) for _ in range(100)] == [None] * 100
    clock.now += QUIET
    line = noted(incidents, NotReady("later"))
    assert line is not None
    assert (line["detail"], line["left_out"]) == ("later", 100)
    clock.now += QUIET
    line = noted(incidents, NotReady("later still"))
    assert line is not None
    assert "left_out" not in line


def test_one_codes_flood_hides_no_other_and_no_other_instance(incidents: Incidents) -> None:
    assert noted(incidents, InstanceUnreachable("x"), "one") is not None
    assert noted(incidents, InstanceUnreachable("x"), "two") is not None
    assert noted(incidents, NotReady("x")) is not None
    assert noted(incidents, InstanceUnreachable("x"), "one") is None


def test_what_comes_from_faulty_clients_hides_nothing(incidents: Incidents) -> None:
    assert [noted(incidents, BadRequest("x")) for _ in range(3)].count(None) == 0
