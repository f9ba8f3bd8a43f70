from __future__ import annotations

from pool.core.durations import REMEMBERED, Durations


def durations(*seconds: float) -> Durations:
    result = Durations()
    for each in seconds:
        result.took(each)
    return result


def test_before_the_first_time_nothing_is_known() -> None:
    assert (durations().mean, durations().median) == (None, None)


def test_what_is_usual_is_not_moved_by_the_odd_one_and_the_average_is() -> None:
    seen = durations(1.0, 1.0, 1.0, 97.0)
    assert seen.median == 1.0
    assert seen.mean == 25.0


def test_only_the_last_ones_count() -> None:
    seen = durations(*[1000.0] * 50, *[2.0] * REMEMBERED)
    assert (seen.mean, seen.median) == (2.0, 2.0)


def test_it_says_what_it_holds() -> None:
    assert repr(durations(1.0, 3.0)) == "<Durations 2 mean=2.0>"
