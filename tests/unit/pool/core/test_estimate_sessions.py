"""How long those in line wait for sessions to end, going by how long earlier ones lasted."""

from __future__ import annotations

from typing import Any

import pytest

from pool.core.estimate import LEAST_REMAINING, Capacity, waits


def first_in_line(**changes: Any) -> float | None:
    """Return the wait of one who waits for the only instance; removal and start take no time."""
    values: dict[str, Any] = {
        "assignable": 0,
        "preparing": (),
        "sessions": (50.0,),
        "startable": 0,
        "leaving": 0,
        "starts_at_once": 1,
        "refill": 0.0,
        "removal": 0.0,
        "session": 60.0,
    }
    return waits(Capacity(**(values | changes)), 1)[0]


def test_a_session_lasts_as_long_yet_as_those_that_grew_older_did() -> None:
    assert first_in_line(lasted=(20.0, 70.0, 90.0)) == pytest.approx(30)


def test_sessions_that_all_last_the_same_are_known_to_the_second() -> None:
    assert first_in_line(sessions=(59.0,), lasted=(60.0,) * 8) == pytest.approx(1)


def test_a_session_older_than_all_that_are_known_may_end_at_any_time() -> None:
    assert first_in_line(sessions=(61.0,), lasted=(60.0,) * 8) == pytest.approx(60 * LEAST_REMAINING)


def test_a_long_session_is_not_taken_for_a_usual_one() -> None:
    mostly_short = (10.0,) * 9 + (510.0,)
    assert first_in_line(sessions=(100.0,), session=60.0, lasted=mostly_short) == pytest.approx(410)
