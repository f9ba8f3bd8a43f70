"""More visitors than the budget has room for, on the real engine: one line, in order, honest about waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bench.crowd import APP_MEMORY, crowd, judged
from bench.running import RunningGateway
from bench.watching import watched
from gateway.routes.waiting import CALM
from tests.support.apps import container_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.line import Stay
    from bench.watching import Peaks

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

VISITORS, SEATS = 30, 8
STAY = 6.0
"""Seconds a visitor stays, on average."""
NEARLY_ALL = 0.9


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def came(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[list[Stay], Peaks]]:
    """Thirty visitors at once before eight seats; those who sat down at once first, then the line."""
    folder = tmp_path_factory.mktemp("gateway")
    pool = container_pool(warm=SEATS, most=VISITORS)
    async with RunningGateway(folder, pool, budget=str(SEATS * APP_MEMORY)) as gateway:
        await gateway.until_quiet(SEATS)
        async with watched(gateway) as peaks, asyncio.timeout(200):
            stays = await crowd(gateway, VISITORS, STAY)
    yield stays, peaks


async def test_all_are_served_and_never_more_than_the_budget_holds(came: tuple[list[Stay], Peaks]) -> None:
    stays, peaks = came
    assert len(stays) == VISITORS
    assert all(stay.turn and stay.left for stay in stays)
    assert peaks.instances == SEATS
    assert peaks.overdrawn == 0


async def test_those_for_whom_there_is_room_wait_for_nobody_and_the_others_stand_in_one_line(
    came: tuple[list[Stay], Peaks],
) -> None:
    stays, _ = came
    assert [stay.shown for stay in stays] == [0] * SEATS + list(range(1, VISITORS - SEATS + 1))


async def test_nobody_is_let_in_before_somebody_who_came_earlier(came: tuple[list[Stay], Peaks]) -> None:
    """Two who may enter together are told of it apart, but by no more than the pace of their streams."""
    line = [stay for stay in came[0] if stay.shown]
    overtaken = [
        (earlier.shown, later.shown)
        for place, earlier in enumerate(line)
        for later in line[place + 1 :]
        if later.turn < earlier.turn - 2 * CALM
    ]
    assert overtaken == []


async def test_the_page_shows_a_position_that_falls_and_never_rises(came: tuple[list[Stay], Peaks]) -> None:
    for stay in came[0]:
        positions = [told.position for told in stay.places]
        assert positions == sorted(positions, reverse=True)
        # Who is next may be let in before there is anything lower to show.
        if stay.shown > SEATS:
            assert positions[0] == stay.shown
            assert len(set(positions)) > 2


async def test_estimates_are_near_what_came(came: tuple[list[Stay], Peaks]) -> None:
    """Judged from the first session's end on: before that nobody can know how long one lasts."""
    estimates = [estimate for told in judged(came[0]) for estimate in told]
    wrong = [estimate for estimate in estimates if not estimate.near]
    assert len(estimates) > VISITORS
    assert len(wrong) <= (1 - NEARLY_ALL) * len(estimates), wrong
