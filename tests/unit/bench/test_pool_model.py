from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING

import pytest

from bench.policies import Adaptive, Static
from bench.pool_model import Machine, PoolModel
from bench.traces import DAY, HOUR, Trace, lecture_later, poisson, read

if TYPE_CHECKING:
    from pathlib import Path

STEADY_START = Machine(start=(2.7, 2.7), starts_at_once=50, courtesy=0.0, room=1000)


def constant(rate: float, seed: int = 1) -> Trace:
    arrivals = tuple(poisson(lambda _: rate, rate, DAY, Random(seed)))
    return Trace("constant", arrivals, DAY, stay=60.0)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_a_static_pool_serves_what_the_poisson_distribution_says(size: int) -> None:
    """Not one of a single instance: the plan counts those in line as part of what to hold, not besides."""
    mean = 0.2 * 2.7
    expected = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(size))
    outcome = PoolModel(constant(0.2), Static(size), STEADY_START, 1).run()
    assert outcome.hit_rate == pytest.approx(expected, abs=0.01)


def test_every_visitor_gets_an_instance_in_the_end() -> None:
    trace = Trace("crowd", tuple(100.0 + n / 10 for n in range(60)), HOUR, stay=60.0)
    outcome = PoolModel(trace, Adaptive(1, 2), Machine(), 1).run()
    assert outcome.visitors == 60
    assert outcome.misses > 30


def test_no_more_instances_exist_than_there_is_room_for() -> None:
    trace = Trace("crowd", tuple(100.0 + n / 10 for n in range(60)), HOUR, stay=2000.0)
    outcome = PoolModel(trace, Adaptive(1, 2), Machine(room=10), 1).run()
    assert outcome.visitors < 60
    assert outcome.most_ready <= 10


def test_nobody_comes_and_one_instance_idles_all_the_time() -> None:
    outcome = PoolModel(Trace("nobody", (), HOUR, stay=60.0), Adaptive(1, 2), Machine(), 1).run()
    assert outcome.idle == pytest.approx(HOUR, abs=4.0)
    assert outcome.hit_rate == 1.0


def test_a_lecture_of_yesterday_finds_a_pool_that_expects_it() -> None:
    trace, machine = lecture_later(1), Machine()
    adaptive = PoolModel(trace, Adaptive(1, 2), machine, 1).run()
    static = PoolModel(trace, Static(12), machine, 1).run()
    assert adaptive.hit_rate > static.hit_rate
    assert adaptive.idle < static.idle / 3


def test_arrivals_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "seen.txt").write_text("# monotonic seconds\n1010.5\n1000\n\n1002 # a comment\n")
    assert read(tmp_path / "seen.txt", 60.0).arrivals == (0.0, 2.0, 10.5)


@pytest.mark.parametrize("content", ["", "nan\n", "soon\n"])
def test_a_file_that_holds_no_moments_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "seen.txt").write_text(content)
    with pytest.raises(ValueError, match=r"no arrivals|could not convert"):
        read(tmp_path / "seen.txt", 60.0)
