"""The loop where somebody waits, and where what is handed out changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config import PoolSettings, Sizing
from pool.core.states import READY, Reason, State
from pool.errors import StartFailed
from tests.support.fake_engine import FakeEngine
from tests.support.house import MIB, House
from tests.support.kept import keeping

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from pool.session import Session
    from tests.support.kept import Kept

LIMIT = 512 * MIB
PATIENCE = 8.0


def static(**changes: Any) -> PoolSettings:
    return PoolSettings(**({"sizing": Sizing.STATIC, "memory": LIMIT, "hot": 9} | changes))


def takes(kept: Kept, ticket_id: str) -> Session | None:
    """Let a ticket's holder have the next instance if it is their turn."""
    ticket = kept.house.waiting.enter(ticket_id)
    if ticket is None:
        return None
    session = kept.pools.assign(ticket.pool)
    kept.house.waiting.entered(ticket, session)
    return session


def ready(kept: Kept, pool: str) -> int:
    return sum(kept.roster.census(pool)[state] for state in READY)


async def test_a_visitor_in_line_gets_the_next_instance(tmp_path: Path) -> None:
    async with keeping(House(tmp_path, static(warm=1, max=1))) as kept:
        await kept.until_warm(1)
        held = kept.pools.assign()
        first, second = (kept.house.waiting.take(None, 1e9).id for _ in range(2))
        kept.pools.end(held.instance_id, Reason.SHUTDOWN)
        await kept.until(lambda: kept.house.waiting.place(first).admitted)
        assert takes(kept, second) is None
        session = takes(kept, first)
        assert session is not None
        kept.pools.end(session.instance_id, Reason.SHUTDOWN)
        await kept.until(lambda: kept.house.waiting.place(second).admitted)
        assert takes(kept, second) is not None


async def test_a_pool_that_keeps_nothing_ready_starts_for_those_who_wait_and_no_longer(
    tmp_path: Path,
) -> None:
    async with keeping(House(tmp_path, static(warm=0))) as kept:
        kept.house.waiting.take(None, PATIENCE)
        await kept.until_warm(1)
        kept.house.clock.now += PATIENCE
        await kept.until(lambda: len(kept.house.line) == 0)
        await kept.until(lambda: len(kept.engine.world.instances) == 0)


async def test_who_was_sent_away_finds_an_instance_when_they_come_again(tmp_path: Path) -> None:
    async with keeping(House(tmp_path, static(warm=0))) as kept:
        kept.pools.refuse("jupyter")
        await kept.until_warm(1)
        kept.house.clock.now += 60.0
        await kept.until(lambda: len(kept.engine.world.instances) == 0)


async def test_an_idle_pool_makes_room_for_somebody_who_waits_for_another(tmp_path: Path) -> None:
    pools = (static(name="idle", warm=2), static(name="busy", warm=0))
    async with keeping(House(tmp_path, *pools, budget=2 * LIMIT)) as kept:
        await kept.until(lambda: ready(kept, "idle") == 2)
        ticket = kept.house.waiting.take("busy", 1e9).id
        await kept.until(lambda: kept.house.waiting.place(ticket).admitted)
        session = takes(kept, ticket)
        assert session is not None
        assert session.pool == "busy"
        assert ready(kept, "idle") == 1


async def test_nobody_who_waits_is_lost_when_starts_fail(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.fail("start", StartFailed("no"), times=4)
    async with keeping(House(tmp_path, static(warm=0)), engine) as kept:
        ticket = kept.house.waiting.take(None, 1e9).id
        for _ in range(4):
            await kept.until(lambda: kept.roster.health("jupyter").retry_at > kept.house.clock.now)
            kept.house.clock.now = kept.roster.health("jupyter").retry_at
        await kept.until(lambda: kept.house.waiting.place(ticket).admitted)
        assert takes(kept, ticket) is not None


async def test_a_new_generation_warms_while_the_old_one_serves_and_leaves_one_for_one(
    tmp_path: Path,
) -> None:
    house = House(tmp_path, static(warm=2, max=10))
    async with keeping(house) as kept:
        await kept.until_warm(2)
        old = {i.id for i in kept.roster}
        least = 2
        house.pools.get(None).resolved("another image")
        while any(instance_id in kept.roster for instance_id in old):
            before = house.clock.now
            await kept.until(lambda: house.clock.now > before)  # noqa: B023 - asked in this turn only
            least = min(least, sum(i.state in READY for i in kept.roster))
        assert least == 2
        await kept.until_warm(2)
        assert {i.generation for i in kept.roster} == {house.pools.get(None).generation}


async def test_an_old_generation_that_fills_its_pool_makes_way_one_for_one(tmp_path: Path) -> None:
    house = House(tmp_path, static(warm=3, max=3))
    async with keeping(house) as kept:
        await kept.until_warm(3)
        old = {i.id for i in kept.roster}
        house.pools.get(None).resolved("another image")
        least = 3
        while any(instance_id in kept.roster for instance_id in old):
            before = house.clock.now
            await kept.until(lambda: house.clock.now > before)  # noqa: B023 - asked in this turn only
            least = min(least, sum(i.state in READY for i in kept.roster))
        assert least == 2


async def test_an_old_generation_still_serves_while_the_new_one_cannot_start(tmp_path: Path) -> None:
    house = House(tmp_path, static(warm=2, max=10))
    async with keeping(house) as kept:
        await kept.until_warm(2)
        kept.engine.fail("start", StartFailed("no"), times=3)
        house.pools.get(None).resolved("another image")
        await kept.until(lambda: kept.roster.health("jupyter").failures > 0)
        assert [i.state for i in kept.roster if i.state in READY] == [State.WARM] * 2
        kept.pools.assign()


async def test_a_pool_taken_out_of_the_settings_gives_up_what_is_ready_and_who_waits_and_keeps_sessions(
    tmp_path: Path,
) -> None:
    pools = (static(name="stays", warm=1), static(name="goes", warm=1, max=2))
    async with keeping(House(tmp_path, *pools)) as kept:
        await kept.until(lambda: ready(kept, "goes") == 1)
        session = kept.pools.assign("goes")
        await kept.until(lambda: ready(kept, "goes") == 1)
        kept.house.waiting.take("goes", 1e9)
        kept.pools.reconfigure(pools[:1])
        await kept.until(
            lambda: kept.roster.census("goes")[State.ASSIGNED] == sum(kept.roster.census("goes").values())
        )
        assert kept.pools.find(session.id) is session
        assert len(kept.house.line) == 0
