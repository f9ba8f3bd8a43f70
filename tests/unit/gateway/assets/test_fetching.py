"""What is wanted is fetched once, in turn, within limits; then it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from gateway.assets.asset import Refusal
from gateway.assets.cache import Assets
from gateway.proxy.paths import SessionPath
from pool.core.states import Reason
from tests.unit.gateway.assets.making import request, rules
from tests.unit.gateway.assets.stage import LIMITS, SOON, Response

if TYPE_CHECKING:
    from tests.unit.gateway.assets.stage import Stage


def test_the_first_request_is_relayed_and_the_next_one_answered(stage: Stage) -> None:
    visitor = stage.visit()
    stage.house.warm()
    assert not stage.find(visitor)
    stage.pass_time()
    assert stage.find(visitor)
    assert stage.find(stage.visit(), method="HEAD")
    assert (stage.count("misses_total"), stage.count("stored_total"), stage.count("hits_total")) == (1, 1, 2)
    assert 0 < stage.count("held_bytes") < 2**20


def test_an_instance_is_waited_for_but_not_for_ever(stage: Stage) -> None:
    visitor = stage.visit()
    stage.find(visitor)
    stage.pass_time(LIMITS.patience / 2)
    stage.house.warm()
    stage.pass_time()
    assert stage.find(visitor)
    stage.house.pools.drain()
    stage.find(visitor, "b.js")
    stage.pass_time(LIMITS.patience + SOON)
    stage.house.warm()
    stage.pass_time()
    assert not stage.find(visitor, "b.js")
    stage.pass_time()
    assert stage.find(visitor, "b.js")


def test_files_are_fetched_one_by_one_each_once_and_no_more_than_some(stage: Stage) -> None:
    visitor, another = stage.visit(), stage.visit()
    stage.house.warm()
    names = [f"{number}.js" for number in range(LIMITS.wanted + 2)]
    for name in names:
        stage.find(visitor, name)
        stage.find(another, name)
    stage.pass_time()
    assert stage.most_at_once == 1
    assert [stage.find(another, name) for name in names] == [True] * LIMITS.wanted + [False] * 2


def test_one_session_makes_only_so_many_be_fetched(stage: Stage) -> None:
    visitor, another = stage.visit(), stage.visit()
    stage.house.warm()
    for number in range(LIMITS.by_session + 1):
        stage.find(visitor, f"{number}.js")
        stage.pass_time()
    assert len(stage.asked) == LIMITS.by_session
    stage.find(another, f"{LIMITS.by_session}.js")
    stage.pass_time()
    assert stage.find(visitor, f"{LIMITS.by_session}.js")


def test_a_file_that_is_waited_for_may_be_asked_for_again_and_again(stage: Stage) -> None:
    visitor = stage.visit()
    for _ in range(LIMITS.by_session):
        stage.find(visitor, "a.js")
    stage.find(visitor, "b.js")
    stage.house.warm()
    stage.pass_time()
    assert stage.find(visitor, "b.js")


def test_nothing_is_remembered_of_sessions_that_have_ended(stage: Stage) -> None:
    visitor = stage.visit()
    stage.find(visitor)
    assert len(stage.assets._asked) == 1
    stage.house.pools.end(visitor.instance_id, Reason.IDLE)
    assert len(stage.assets._asked) == 0


def test_a_refused_file_is_not_fetched_for_each_page_anew(stage: Stage) -> None:
    visitor = stage.visit()
    stage.house.warm()
    stage.response = Response(b"no", status=404)
    for _ in range(3):
        stage.find(visitor)
        stage.pass_time()
    assert len(stage.asked) == 1
    assert stage.refused(Refusal.STATUS) == 1
    stage.pass_time(LIMITS.refused_for)
    stage.response = Response(b"good")
    stage.find(visitor)
    stage.pass_time()
    assert stage.find(visitor)


@pytest.mark.parametrize("seconds", [0.1, 1000.0])
def test_a_server_that_fails_or_sends_nothing_leaves_the_others_their_turn(
    stage: Stage, seconds: float
) -> None:
    visitor = stage.visit()
    stage.house.warm()
    stage.seconds, stage.error = seconds, aiohttp.ClientPayloadError("broken off")
    stage.find(visitor, "a.js")
    stage.find(visitor, "b.js")
    stage.pass_time(0.15)
    stage.seconds, stage.error = 0.1, None
    stage.pass_time(LIMITS.fetch + SOON)
    assert not stage.find(visitor, "a.js")
    assert stage.find(visitor, "b.js")
    assert stage.refused(Refusal.FAULTY) == 1


def test_what_is_no_asset_or_asks_for_more_is_neither_counted_nor_fetched(stage: Stage) -> None:
    visitor = stage.visit()
    stage.house.warm()
    place = SessionPath(visitor.id, b"lab")
    assert stage.assets.find(request(), place, visitor, rules()) is None
    asset = SessionPath(visitor.id, b"static/a.js")
    for other in (request("Range: bytes=0-1"), request(method="POST")):
        assert stage.assets.find(other, asset, visitor, rules()) is None
    assert stage.count("misses_total") == 0
    stage.pass_time()
    assert stage.asked == []


def test_without_a_budget_there_is_no_cache(stage: Stage) -> None:
    http: Any = stage
    off = Assets(stage.house.pools, http, stage.metrics, budget=0, clock=stage.house.clock)
    visitor = stage.visit()
    stage.house.warm()
    asset = SessionPath(visitor.id, b"static/a.js")
    assert off.find(request(), asset, visitor, rules()) is None
    stage.pass_time()
    assert stage.asked == []


def test_closing_ends_what_is_waited_for(stage: Stage) -> None:
    stage.find(stage.visit())
    stage.loop.run_until_complete(stage.assets.close())
    stage.house.warm()
    stage.pass_time()
    assert stage.asked == []
