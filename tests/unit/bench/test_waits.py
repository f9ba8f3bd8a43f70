from __future__ import annotations

import asyncio

import pytest

from bench.measures import clicks
from bench.measures.bursts import LARGE, SMALL, burst, sections, summed
from bench.notebook import Waits


class Visitor:
    def __init__(self, wait: float | None) -> None:
        self.wait = wait
        self.left = False

    async def click(self) -> float:
        await asyncio.sleep(0)
        if self.wait is None:
            raise RuntimeError("no page")
        return self.wait

    async def leave(self) -> None:
        self.left = True
        if self.wait is None:
            raise OSError("nothing to leave")


async def test_who_got_no_page_is_an_error_and_does_not_shorten_the_waits() -> None:
    visitors = [Visitor(1.0), Visitor(None), Visitor(3.0)]
    values = await burst(visitors)
    assert values == {"p50": 1.0, "p95": 3.0, "max": 3.0, "served": 2, "errors": 1}


async def test_all_leave_after_a_burst_even_if_some_cannot() -> None:
    visitors = [Visitor(None), Visitor(1.0)]
    await burst(visitors)
    assert all(visitor.left for visitor in visitors)


def test_a_burst_that_served_nobody_has_no_waits() -> None:
    assert summed([None, None]) == {"p50": None, "p95": None, "max": None, "served": 0, "errors": 2}


def test_bursts_of_both_are_told_in_one_table_a_size() -> None:
    own = {SMALL: {"gateway": summed([0.1])}, LARGE: {"gateway": summed([0.3])}}
    hub = {SMALL: {"jupyterhub": summed([9.0])}, LARGE: {"jupyterhub": summed([None])}}
    small, large = sections(own, hub)
    assert list(small.rows) == ["gateway", "jupyterhub"]
    assert large.rows["jupyterhub"]["errors"] == 1


def test_clicks_are_told_in_milliseconds() -> None:
    section = clicks.section([Waits(0.01, 0.03), Waits(0.02, 0.05), Waits(0.012, 0.04)], [Waits(4.0, 5.0)])
    assert section.rows["gateway"]["page"] == pytest.approx(12.0)
    assert section.rows["gateway"]["result_p95"] == pytest.approx(50.0)
    assert section.rows["jupyterhub"]["page"] == pytest.approx(4000.0)


def test_a_side_without_visitors_has_no_row() -> None:
    assert list(clicks.section([Waits(0.01, 0.03)], []).rows) == ["gateway"]
