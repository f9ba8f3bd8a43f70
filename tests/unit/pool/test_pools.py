from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config import PoolSettings
from pool.core.states import Reason, State
from pool.engines.engine import Address
from pool.errors import JournalUnwritable, PoolEmpty, PoolUnknown
from pool.journal import replay
from tests.support.house import House

if TYPE_CHECKING:
    from pathlib import Path

    from pool.pools import Pools
    from pool.session import Session


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, PoolSettings(max_age=100.0), PoolSettings(name="other"))


def test_a_visitor_gets_a_warm_instance_and_its_session_can_be_found(house: House) -> None:
    instance = house.warm()
    session = house.pools.assign()
    assert session.instance_id == instance.id
    assert house.pools.find(session.id) is session
    assert session.upstream.public_path == f"/user/{session.id}/"
    assert session.ends_at == house.clock.now + 100.0


def test_no_two_visitors_get_the_same_instance(house: House) -> None:
    instances = {house.warm().id for _ in range(3)}
    assert {house.pools.assign().instance_id for _ in range(3)} == instances
    with pytest.raises(PoolEmpty):
        house.pools.assign()


def test_an_empty_pool_is_told(house: House) -> None:
    house.warm("other")
    with pytest.raises(PoolEmpty):
        house.pools.assign("jupyter")


def test_an_unknown_pool_is_told(house: House) -> None:
    with pytest.raises(PoolUnknown):
        house.pools.assign("nosuch")


def test_an_assignment_is_in_the_journal_before_anyone_knows_of_it(house: House, tmp_path: Path) -> None:
    house.warm()
    session = house.pools.assign()
    written = replay((tmp_path / "journal.jsonl").read_bytes())
    assert set(written.assigned) == {session.instance_id}


def test_what_cannot_be_written_down_is_not_handed_out_and_stays_warm(house: House) -> None:
    instance = house.warm()
    house.journal.close()
    with pytest.raises(JournalUnwritable):
        house.pools.assign()
    assert house.pools.journal_error is not None
    kept = house.roster.get(instance.id)
    assert kept is not None
    assert kept.state is State.WARM


def test_the_end_of_a_session_is_told_once_and_remembered_with_its_reason(house: House) -> None:
    told: list[tuple[str, Reason]] = []

    def listener(session: Session, reason: Reason) -> None:
        told.append((session.id, reason))

    house.pools.listen(listener)
    house.warm()
    session = house.pools.assign()
    assert house.pools.end(session.instance_id, Reason.IDLE)
    assert not house.pools.end(session.instance_id, Reason.DIED)
    assert told == [(session.id, Reason.IDLE)]
    assert house.pools.find(session.id) is None
    assert _why(house.pools, session.id) is Reason.IDLE


def test_the_end_of_a_warm_instance_is_nobodys_session(house: House) -> None:
    told: list[object] = []
    house.pools.listen(lambda session, reason: told.append((session, reason)))
    instance = house.warm()
    house.pools.end(instance.id, Reason.SURPLUS)
    assert told == []


def test_draining_ends_warm_instances_and_no_session(house: House) -> None:
    house.warm()
    session = house.pools.assign()
    house.warm()
    house.warm("other")
    assert house.pools.drain("jupyter") == 1
    assert house.pools.drain() == 1
    assert house.pools.find(session.id) is session


def test_scaling_is_bounded_by_the_pools_max(house: House) -> None:
    assert house.pools.scale("jupyter", 1000).warm == 20
    assert house.pools.scale("jupyter", 0).warm == 0


def test_real_use_moves_the_sessions_clock(house: House) -> None:
    instance = house.warm()
    session = house.pools.assign()
    house.clock.now += 50
    session.touch()
    found = house.roster.get(instance.id)
    assert found is not None
    assert found.last_activity == house.clock.now


def test_an_instance_of_an_older_image_is_handed_out_only_while_there_is_none_of_the_new_one(
    house: House,
) -> None:
    old = house.warm()
    house.pools.get("jupyter").resolved("another image")
    new = house.warm()
    assert [house.pools.assign("jupyter").instance_id for _ in range(2)] == [new.id, old.id]


def test_a_changed_number_of_warm_instances_makes_no_new_generation(tmp_path: Path) -> None:
    few, many, roomy = (
        House(tmp_path, PoolSettings(warm=warm, memory=memory)).pools.get(None)
        for warm, memory in ((1, 2**30), (2, 2**30), (2, 2**31))
    )
    for pool in (few, many, roomy):
        pool.resolved("image")
    assert few.generation == many.generation != roomy.generation


def test_a_session_shows_no_secret_when_printed(house: House) -> None:
    house.warm()
    session = house.pools.assign()
    shown = repr(session) + repr(session.upstream)
    assert session.id not in shown
    assert session.upstream.secret not in shown


def _why(pools: Pools, session_id: str) -> Reason | None:
    ended = pools.ended(session_id)
    return None if ended is None else ended.reason


def test_whoever_was_at_an_address_before_has_ended_when_another_appears_there(house: House) -> None:
    address = Address("172.20.0.2", 8888)
    house.warm(address=address)
    session = house.pools.assign()
    newcomer = house.warm(address=address)
    assert house.pools.find(session.id) is None
    assert _why(house.pools, session.id) is Reason.DIED
    assert house.pools.assign().instance_id == newcomer.id
