"""What enters the cache comes from instances that nobody has had, and only what nobody had meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from gateway.assets.asset import Refusal
from pool.core.states import Reason, State

if TYPE_CHECKING:
    from tests.unit.gateway.assets.stage import Stage


def test_only_an_instance_without_a_visitor_is_asked_and_without_its_credential(stage: Stage) -> None:
    visitor, another = stage.visit(), stage.visit()
    untouched = stage.house.warm()
    stage.find(visitor)
    stage.pass_time()
    ((url, fields),) = stage.asked
    known = stage.house.pools.upstream(untouched.id)
    assert known is not None
    assert url == known[1].url("static/a.js")
    assert not url.startswith((visitor.upstream.origin + "/", another.upstream.origin + "/"))
    assert fields == {"Accept-Encoding": "identity"}


def test_what_came_from_an_instance_that_was_assigned_meanwhile_is_thrown_away(stage: Stage) -> None:
    visitor = stage.visit()
    stage.house.warm()
    stage.meanwhile = stage.house.pools.assign
    stage.find(visitor)
    stage.pass_time()
    assert not stage.find(visitor)
    assert stage.count("stored_total") == 0
    assert stage.refused(Refusal.ASSIGNED) == 1


def test_it_is_thrown_away_as_well_when_the_visitor_has_left_again(stage: Stage) -> None:
    visitor = stage.visit()
    untouched = stage.house.warm()

    def come_and_go() -> None:
        stage.house.pools.assign()
        stage.house.pools.end(untouched.id, Reason.SHUTDOWN)

    stage.meanwhile = come_and_go
    stage.find(visitor)
    stage.pass_time()
    assert stage.count("stored_total") == 0
    assert stage.refused(Refusal.ASSIGNED) == 1


def test_a_file_that_was_thrown_away_is_fetched_when_it_is_asked_for_again(stage: Stage) -> None:
    visitor = stage.visit()
    stage.house.warm()
    stage.meanwhile = stage.house.pools.assign
    stage.find(visitor)
    stage.pass_time()
    stage.meanwhile = lambda: None
    stage.house.warm()
    stage.find(visitor)
    stage.pass_time()
    assert stage.find(visitor)


def test_neither_paused_nor_other_pools_nor_older_ones_are_asked(stage: Stage) -> None:
    visitor = stage.visit()
    paused, outdated = stage.house.warm(), stage.house.warm()
    stage.house.warm("other")
    stage.house.roster.step(paused.id, State.PAUSED, stage.house.clock.now)
    stage.house.pools.end(outdated.id, Reason.STALE)
    stage.house.pools.get("jupyter").resolved("another image")
    stage.house.warm()
    stage.find(visitor)
    stage.pass_time()
    assert stage.asked == []


def test_a_release_has_files_of_its_own(stage: Stage) -> None:
    before = stage.visit()
    stage.house.warm()
    stage.find(before)
    stage.pass_time()
    stage.house.pools.get("jupyter").resolved("another image")
    for ready in stage.house.roster.ready("jupyter", ""):
        stage.house.pools.end(ready.id, Reason.STALE)
    after = stage.visit()
    assert stage.find(before)
    assert not stage.find(after)


def test_an_instance_paused_meanwhile_says_nothing_of_the_file(stage: Stage) -> None:
    visitor = stage.visit()
    ready = stage.house.warm()
    stage.meanwhile = lambda: stage.house.roster.step(ready.id, State.PAUSED, stage.house.clock.now)
    stage.error = aiohttp.ServerDisconnectedError()
    stage.find(visitor)
    stage.pass_time()
    assert stage.refused(Refusal.ASSIGNED) == 1
    stage.meanwhile, stage.error = (lambda: None), None
    stage.house.warm()
    stage.find(visitor)
    stage.pass_time()
    assert stage.find(visitor)
