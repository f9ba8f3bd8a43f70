from __future__ import annotations

import pytest

from gateway.logs import Line
from gateway.operating.recent_errors import KEPT, LONGEST_DETAIL, RecentErrors
from tests.support.house import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def errors(clock: Clock) -> RecentErrors:
    return RecentErrors(clock)


def line(detail: str = "it did not answer", **changes: str) -> Line:
    values = {"level": "error", "event": "start_failed", "code": "W301", "pool": "jupyter"} | changes
    return Line(detail=detail, **values)


def test_the_newest_comes_first(errors: RecentErrors) -> None:
    errors.note(line("first"))
    errors.note(line("second"))
    assert [error.detail for error in errors.newest_first()] == ["second", "first"]


def test_the_same_again_is_counted_and_newest_again(errors: RecentErrors, clock: Clock) -> None:
    errors.note(line("again and again", instance="aaaaaaaa"))
    errors.note(line("once"))
    clock.now += 60
    errors.note(line("again and again", instance="bbbbbbbb"))
    newest, other = errors.newest_first()
    assert (newest.detail, newest.times, newest.at, newest.instance) == (
        "again and again",
        2,
        clock.now,
        "bbbbbbbb",
    )
    assert other.times == 1


def test_a_flood_of_one_does_not_push_out_the_others(errors: RecentErrors) -> None:
    errors.note(line("rare"))
    for _ in range(10 * KEPT):
        errors.note(line("flood"))
    assert {error.detail for error in errors.newest_first()} == {"rare", "flood"}


def test_the_oldest_goes_when_there_are_too_many(errors: RecentErrors) -> None:
    for number in range(KEPT + 5):
        errors.note(line(f"number {number}"))
    kept = [error.detail for error in errors.newest_first()]
    assert len(kept) == KEPT
    assert kept[-1] == "number 5"


def test_of_a_long_detail_the_beginning_is_kept(errors: RecentErrors) -> None:
    errors.note(line("x" * 100_000))
    assert len(errors.newest_first()[0].detail) == LONGEST_DETAIL
