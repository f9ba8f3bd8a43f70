from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.proxy.deadline import Deadline


class Timer:
    def __init__(self, at: float, ring: Any) -> None:
        self.at = at
        self.ring = ring
        self.cancelled = False

    def when(self) -> float:
        return self.at

    def cancel(self) -> None:
        self.cancelled = True


class Loop:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, ring: Any) -> Timer:
        self.timers.append(Timer(at, ring))
        return self.timers[-1]

    def until(self, moment: float) -> None:
        while due := [timer for timer in self.timers if not timer.cancelled and timer.at <= moment]:
            timer = min(due, key=Timer.when)
            self.timers.remove(timer)
            self.now = timer.at
            timer.ring()
        self.now = moment


@pytest.fixture
def loop() -> Any:
    return Loop()


@pytest.fixture
def rung() -> list[float]:
    return []


@pytest.fixture
def deadline(loop: Any, rung: list[float]) -> Deadline:
    return Deadline(loop, lambda: rung.append(loop.now))


def test_it_expires_once_when_its_moment_has_come(deadline: Deadline, loop: Any, rung: list[float]) -> None:
    deadline.within(5)
    loop.until(20)
    assert rung == [5]


def test_a_moment_that_is_moved_back_costs_no_new_timer(
    deadline: Deadline, loop: Any, rung: list[float]
) -> None:
    for second in range(4):
        loop.until(second)
        deadline.within(5)
    assert len(loop.timers) == 1
    loop.until(20)
    assert rung == [8]


def test_a_moment_that_is_moved_forward_is_kept(deadline: Deadline, loop: Any, rung: list[float]) -> None:
    deadline.within(10)
    deadline.within(2)
    loop.until(20)
    assert rung == [2]


def test_cleared_it_does_not_expire_and_can_be_set_again(
    deadline: Deadline, loop: Any, rung: list[float]
) -> None:
    deadline.within(2)
    deadline.clear()
    loop.until(5)
    assert rung == []
    deadline.within(2)
    loop.until(20)
    assert rung == [7]


def test_cancelled_it_leaves_no_timer(deadline: Deadline, loop: Any) -> None:
    deadline.within(2)
    deadline.cancel()
    assert all(timer.cancelled for timer in loop.timers)


async def test_it_works_on_a_real_loop() -> None:
    over = asyncio.Event()
    deadline = Deadline(asyncio.get_running_loop(), over.set)
    deadline.within(10)
    deadline.within(0.01)
    async with asyncio.timeout(5):
        await over.wait()


class Handle:
    """What cannot tell when it rings."""

    def __init__(self, timer: Timer) -> None:
        self.cancel = timer.cancel


class RoundingLoop(Loop):
    """Like uvloop: counts in whole milliseconds, and gives no timer for a moment that is nearly now."""

    def call_at(self, at: float, ring: Any) -> Any:
        timer = super().call_at(self.now + round(at - self.now, 3), ring)
        return timer if timer.at > self.now else Handle(timer)


def test_a_loop_that_counts_milliseconds_is_asked_once(rung: list[float]) -> None:
    loop: Any = RoundingLoop()
    deadline = Deadline(loop, lambda: rung.append(loop.now))
    deadline.within(0.0024)
    loop.until(0.01)
    assert rung == [0.002]
    deadline.within(0.0004)
    deadline.within(0.0003)
    loop.until(0.02)
    assert len(rung) == 2
