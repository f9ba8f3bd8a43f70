from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from config import PoolSettings
from gateway.errors import NotReady, OutOfMemory, SessionEnded, SessionUnknown
from gateway.routes.session import SessionState
from pool.core.states import Reason
from tests.unit.gateway.routes.stage import Stage, request

if TYPE_CHECKING:
    from pathlib import Path

    from pool.session import Session

POOL = PoolSettings(name="course", idle_timeout=600, max_age=3600)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, POOL)


@pytest.fixture
def session(stage: Stage) -> Session:
    stage.house.warm("course")
    return stage.house.pools.assign("course")


async def told(stage: Stage, session: Session) -> dict[str, Any]:
    answer = await SessionState(stage.site).tell(request(f"/api/session/{session.id}", id=session.id))
    found: dict[str, Any] = json.loads(answer.text or "")
    return found


async def test_a_session_tells_how_long_it_lasts(stage: Stage, session: Session) -> None:
    stage.house.clock.now += 60
    assert await told(stage, session) == {
        "state": "live",
        "pool": "course",
        "idle_timeout": 600.0,
        "idle_left": 540.0,
        "age_left": 3540.0,
    }


async def test_looking_is_not_use(stage: Stage, session: Session) -> None:
    stage.house.clock.now += 60
    await told(stage, session)
    stage.house.clock.now += 60
    assert (await told(stage, session))["idle_left"] == 480.0


async def test_to_stay_is(stage: Stage, session: Session) -> None:
    stage.house.clock.now += 300
    await SessionState(stage.site).stay(request(f"/api/session/{session.id}/stay", "POST", id=session.id))
    now = await told(stage, session)
    assert (now["idle_left"], now["age_left"]) == (600.0, 3300.0)


async def test_what_is_left_is_never_less_than_nothing(stage: Stage, session: Session) -> None:
    stage.house.clock.now += 4000
    now = await told(stage, session)
    assert (now["idle_left"], now["age_left"]) == (0.0, 0.0)


async def test_a_page_can_end_its_session(stage: Stage, session: Session) -> None:
    routes = SessionState(stage.site)
    await routes.end(request(f"/api/session/{session.id}", "DELETE", id=session.id))
    ended = stage.house.pools.ended(session.id)
    assert ended is not None
    assert ended.reason is Reason.SHUTDOWN
    for doing in (routes.tell, routes.stay, routes.end):
        with pytest.raises(SessionEnded) as error:
            await doing(request("/api/session", id=session.id))
        assert (error.value.detail, error.value.pool) == (Reason.SHUTDOWN, "course")


async def test_an_end_for_memory_has_its_own_code(stage: Stage, session: Session) -> None:
    stage.house.pools.end(session.instance_id, Reason.OUT_OF_MEMORY)
    with pytest.raises(OutOfMemory):
        await told(stage, session)


async def test_a_session_that_never_was_is_unknown_unless_it_may_yet_be_found(stage: Stage) -> None:
    routes = SessionState(stage.site)
    with pytest.raises(SessionUnknown):
        await routes.tell(request("/api/session/x", id="x"))
    stage.house.pools.adopted = False
    with pytest.raises(NotReady):
        await routes.tell(request("/api/session/x", id="x"))
