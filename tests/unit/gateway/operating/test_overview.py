from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from gateway.logs import Line
from gateway.operating.overview import lasting, overview
from gateway.operating.recent import MINUTE, MINUTES
from pool.core.states import Reason, State
from pool.errors import EngineUnavailable
from tests.support.operated import GIB, operated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.operated import Operated

MIB = 2**20
NOW = 1_800_000_000.0


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Operated]:
    pools = [
        {"name": "jupyter", "title": "Jupyter", "warm": 2},
        {"name": "course", "warm": 1, "memory": "256MiB"},
    ]
    async with operated(tmp_path, pools=pools) as made:
        made.answered()
        yield made


def look(gateway: Operated, now: float = NOW) -> dict[str, Any]:
    view = overview(gateway.site, now=now, uptime=12.3)
    parsed: dict[str, Any] = orjson.loads(orjson.dumps(view))
    return parsed


def test_charges_and_counts_are_those_of_the_instances(gateway: Operated) -> None:
    gateway.put(State.ASSIGNED, 2)
    gateway.put(State.WARM, 1)
    gateway.put(State.STARTING, 1, "course")
    view = look(gateway)
    charged = 3 * 512 * MIB + 256 * MIB
    assert view["memory"]["budget"] == 6 * GIB
    assert (view["memory"]["charged"], view["memory"]["free"]) == (charged, 6 * GIB - charged)
    jupyter, course = view["pools"]
    assert (jupyter["name"], jupyter["title"], course["title"]) == ("jupyter", "Jupyter", "Course")
    assert jupyter["states"]["assigned"] == {"count": 2, "charged": 2 * 512 * MIB}
    assert jupyter["states"]["paused"] == {"count": 0, "charged": 0}
    assert course["states"]["starting"] == {"count": 1, "charged": 256 * MIB}
    assert jupyter["target"] == 2


def test_every_byte_charged_belongs_to_a_pool_and_a_state(gateway: Operated) -> None:
    gateway.put(State.ASSIGNED, 2)
    gateway.put(State.DRAINING, 1, "course")
    instance = gateway.put(State.ASSIGNED)[0]
    roster = gateway.site.pools.roster
    roster._instances[instance.id] = replace(instance, pool="last year's")
    view = look(gateway)
    of_pools = sum(s["charged"] for pool in view["pools"] for s in pool["states"].values())
    assert of_pools == view["memory"]["charged"]
    assert sum(s["charged"] for s in view["memory"]["states"].values()) == view["memory"]["charged"]
    left_over = view["pools"][-1]
    assert left_over["title"] == "last year's (no longer configured)"
    assert (left_over["target"], left_over["states"]["assigned"]["count"]) == (0, 1)
    assert left_over.keys() == view["pools"][0].keys()


def test_all_is_well_when_every_pool_has_one_ready(gateway: Operated) -> None:
    gateway.put(State.WARM)
    assert look(gateway)["health"]["state"] == "down"
    gateway.put(State.WARM, pool="course")
    assert look(gateway)["health"] == {"state": "well", "headline": "All is well", "reasons": []}


def test_a_failed_start_wants_a_look_though_visitors_are_served(gateway: Operated) -> None:
    gateway.put(State.WARM)
    gateway.put(State.WARM, pool="course")
    gateway.site.pools.roster.start_failed("course", "its server did not answer", 0.0, 0.5)
    view = look(gateway)
    assert view["health"]["state"] == "look"
    assert view["pools"][1]["error"] == "1 failed starts in a row: its server did not answer"
    assert view["pools"][0]["error"] is None


def test_an_engine_that_does_not_answer_is_named_with_what_to_do(gateway: Operated) -> None:
    gateway.site.observer.error = EngineUnavailable("nothing listens at the socket")
    view = look(gateway)
    assert view["health"]["state"] == "down"
    assert view["engine"]["error"] == "nothing listens at the socket"
    assert (view["engine"]["code"], view["engine"]["remedy"]) == ("W201", EngineUnavailable.remedy)
    gateway.answered()
    assert look(gateway)["engine"]["error"] is None


def test_an_engine_never_reached_has_no_version(gateway: Operated) -> None:
    gateway.site.observer.facts = None
    assert look(gateway)["engine"]["version"] is None


def test_minutes_carry_the_time_of_day_they_began(gateway: Operated) -> None:
    gateway.site.recent.arrived("jupyter")
    minutes = look(gateway)["minutes"]
    assert len(minutes) == MINUTES
    assert NOW - MINUTE - 1 <= minutes[-1]["at"] <= NOW
    assert minutes[-1]["at"] - minutes[0]["at"] == (MINUTES - 1) * MINUTE
    assert minutes[-1]["pools"]["jupyter"]["arrivals"] == 1
    assert minutes[-1]["pools"]["course"] == {
        "arrivals": 0,
        "hits": 0,
        "misses": 0,
        "wait_p50": None,
        "wait_max": None,
    }


def test_an_hour_is_summed_up(gateway: Operated) -> None:
    gateway.hour("jupyter", [3, 0, 1], missing=4)
    jupyter = look(gateway)["pools"][0]
    assert jupyter["hour"]["arrivals"] == 80
    assert jupyter["hour"]["busiest"] == 3
    assert (jupyter["hits"], jupyter["misses"], jupyter["hour"]["hit_rate"]) == (60, 20, 0.75)


def test_an_error_comes_with_its_remedy(gateway: Operated) -> None:
    gateway.site.errors.note(Line("error", "start_failed", "W301", "it ended", "course", "0123abcd"))
    gateway.site.errors.note(Line("warning", "notebook_not_saved"))
    newest, first = look(gateway)["errors"]
    assert (newest["event"], newest["code"], newest["remedy"]) == ("notebook_not_saved", None, None)
    assert first["remedy"].startswith("Run the image by hand")
    assert (first["detail"], first["pool"], first["instance"], first["times"]) == (
        "it ended",
        "course",
        "0123abcd",
        1,
    )


def test_no_id_that_opens_anything_is_told(gateway: Operated) -> None:
    gateway.put(State.ASSIGNED, 3)
    text = orjson.dumps(look(gateway)).decode()
    assert all(instance.id not in text for instance in gateway.site.pools.roster)


def test_the_passing_of_time_alone_is_no_news(gateway: Operated) -> None:
    gateway.put(State.WARM)
    before = lasting(look(gateway))
    gateway.clock.offset += 1.5
    assert lasting(look(gateway, NOW + 1.5)) == before


def test_a_change_of_state_an_arrival_and_an_error_are_news(gateway: Operated) -> None:
    seen = [lasting(look(gateway))]
    (instance,) = gateway.put(State.WARM)
    seen.append(lasting(look(gateway)))
    gateway.site.pools.roster.end(instance.id, Reason.DRAINED, 0.0)
    seen.append(lasting(look(gateway)))
    gateway.site.recent.arrived("jupyter")
    seen.append(lasting(look(gateway)))
    gateway.site.errors.note(Line("error", "start_failed", "W301"))
    seen.append(lasting(look(gateway)))
    assert all(a != b for a, b in pairwise(seen))
