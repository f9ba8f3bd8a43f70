from __future__ import annotations

import asyncio

from pool.bell import Bell

LONG = 30.0
"""Seconds that no test waits for."""


async def test_a_ring_wakes_everyone_who_waits() -> None:
    bell = Bell()
    waiting = asyncio.gather(*(bell.heard(LONG) for _ in range(2)))
    await asyncio.sleep(0)
    bell.ring()
    assert await waiting == [True, True]


async def test_a_ring_is_not_kept_for_those_who_come_later() -> None:
    bell = Bell()
    bell.ring()
    assert not await bell.heard(0)


async def test_who_has_waited_long_enough_is_told_that_nothing_came() -> None:
    assert not await Bell().heard(0)
