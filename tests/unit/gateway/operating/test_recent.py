from __future__ import annotations

from itertools import pairwise

import pytest

from gateway.operating.recent import CLASS_WIDTH, MINUTE, MINUTES, Recent, together
from tests.support.house import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recent(clock: Clock) -> Recent:
    return Recent(["jupyter", "course"], clock)


def test_there_is_always_a_whole_hour_and_every_pool_in_each_minute_of_it(
    recent: Recent, clock: Clock
) -> None:
    minutes = recent.minutes()
    assert len(minutes) == MINUTES
    assert all(set(minute.pools) == {"jupyter", "course"} for minute in minutes)
    assert [b.began - a.began for a, b in pairwise(minutes)] == [MINUTE] * (MINUTES - 1)
    assert minutes[-1].began <= clock.now < minutes[-1].began + MINUTE


def test_visitors_are_counted_in_the_minute_they_come(recent: Recent, clock: Clock) -> None:
    recent.arrived("jupyter")
    clock.now += MINUTE
    recent.arrived("jupyter")
    recent.arrived("jupyter")
    assert [minute.pools["jupyter"].arrivals for minute in recent.minutes()[-3:]] == [0, 1, 2]
    assert recent.minutes()[-1].pools["course"].arrivals == 0


def test_what_is_older_than_an_hour_is_forgotten(recent: Recent, clock: Clock) -> None:
    recent.arrived("jupyter")
    clock.now += MINUTE * (MINUTES - 1)
    assert together(minute.pools["jupyter"] for minute in recent.minutes()).arrivals == 1
    clock.now += MINUTE
    assert together(minute.pools["jupyter"] for minute in recent.minutes()).arrivals == 0


def test_no_more_than_an_hour_is_held_in_memory(recent: Recent, clock: Clock) -> None:
    for _ in range(3 * MINUTES):
        recent.arrived("jupyter")
        clock.now += MINUTE
    assert len(recent._rings["jupyter"]) == MINUTES


def test_a_visitor_who_waits_or_is_turned_away_is_a_miss(recent: Recent) -> None:
    recent.served("jupyter", 0.01, hit=True)
    recent.served("jupyter", 4.0, hit=False)
    recent.refused("jupyter", "W303")
    recent.refused("jupyter", "W303")
    now = recent.minutes()[-1].pools["jupyter"]
    assert (now.hits, now.misses, now.hit_rate) == (1, 3, 0.25)
    assert now.refused == {"W303": 2}


def test_nobody_came_is_not_the_same_as_nobody_was_served(recent: Recent) -> None:
    assert recent.minutes()[-1].pools["jupyter"].hit_rate is None
    recent.refused("jupyter", "W303")
    assert recent.minutes()[-1].pools["jupyter"].hit_rate == 0.0


@pytest.mark.parametrize(
    "waits", [[0.004], [0.004, 9.0], [0.002, 0.004, 9.0], [0.001, 0.02, 0.02, 0.02, 30.0]]
)
def test_the_median_is_right_within_the_width_of_a_class(recent: Recent, waits: list[float]) -> None:
    for wait in waits:
        recent.served("jupyter", wait, hit=True)
    now = recent.minutes()[-1].pools["jupyter"]
    exact = sorted(waits)[(len(waits) - 1) // 2]
    assert now.wait_p50 is not None
    assert exact / CLASS_WIDTH < now.wait_p50 < exact * CLASS_WIDTH
    assert now.wait_max == max(waits)


def test_no_wait_at_all_and_one_of_hours_are_both_counted(recent: Recent) -> None:
    recent.served("jupyter", 0.0, hit=True)
    recent.served("jupyter", 7200.0, hit=False)
    now = recent.minutes()[-1].pools["jupyter"]
    assert now.wait_p50 is not None
    assert now.wait_p50 < 0.001
    assert now.wait_max == 7200.0


def test_memory_does_not_grow_with_the_number_of_visitors(recent: Recent) -> None:
    for count in range(20_000):
        recent.served("jupyter", 0.001 * (1 + count % 1000), hit=True)
    assert len(recent.minutes()[-1].pools["jupyter"].waits) < 100


def test_a_pool_that_is_not_configured_is_not_kept(recent: Recent) -> None:
    recent.arrived("made up by a visitor")
    recent.refused("made up by a visitor", "W304")
    assert all(set(minute.pools) == {"jupyter", "course"} for minute in recent.minutes())


def test_an_hour_is_the_sum_of_its_minutes(recent: Recent, clock: Clock) -> None:
    for wait in (0.01, 0.01, 5.0):
        recent.arrived("jupyter")
        recent.served("jupyter", wait, hit=wait < 1)
        clock.now += MINUTE
    hour = together(minute.pools["jupyter"] for minute in recent.minutes())
    assert (hour.arrivals, hour.hits, hour.misses, hour.wait_max) == (3, 2, 1, 5.0)
    assert hour.wait_p50 == pytest.approx(0.01, rel=CLASS_WIDTH - 1)
