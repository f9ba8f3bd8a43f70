from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
import structlog

from config import LogFormat
from gateway import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.logs import Line


@pytest.fixture
def heard() -> Iterator[list[Line]]:
    """What a listener is told while logging is set up as `warmgate serve` does."""
    root = logging.getLogger()
    before = root.handlers, root.level
    logs.configure(LogFormat.JSON)
    lines: list[Line] = []
    with logs.watched(lines.append):
        yield lines
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()


def test_an_error_is_told_with_what_may_be_shown_of_it(heard: list[Line]) -> None:
    log = structlog.stdlib.get_logger("gateway.test")
    log.error(
        "start_failed", instance="0123456789abcdef", pool="course", code="W301", detail="no", secret="x"
    )
    (line,) = heard
    assert line == logs.Line("error", "start_failed", "W301", "no", "course", "01234567")


def test_what_went_well_is_not_told(heard: list[Line]) -> None:
    structlog.stdlib.get_logger("gateway.test").info("instance_warm", pool="course")
    assert heard == []


def test_a_librarys_words_are_not_repeated_as_they_may_quote_a_request(heard: list[Line]) -> None:
    logging.getLogger("aiohttp.server").error("Error handling %s", "/user/secretsecretsecret/")
    (line,) = heard
    assert line.event == "library_complained"
    assert "secret" not in repr(line)
    assert "aiohttp.server" in line.detail


def test_an_exceptions_words_are_not_repeated_either(heard: list[Line]) -> None:
    structlog.stdlib.get_logger("pool.tasks").error("task_failed", exc_info=ValueError("token=secret"))
    (line,) = heard
    assert "secret" not in repr(line)
    assert line.detail == "ValueError; see the log"


def test_nobody_is_told_any_more_when_the_gateway_has_stopped() -> None:
    lines: list[Line] = []
    with logs.watched(lines.append):
        pass
    logging.getLogger("aiohttp.server").error("late")
    assert lines == []
