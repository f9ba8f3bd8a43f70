"""A visitor gets an instance whose server surely answers, or is told that there is none."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from gateway.assignment import Assigner, Caller
from gateway.errors import Disconnected
from gateway.limits import Limits
from gateway.operating.recent import Recent
from pool.core.states import Reason, State
from pool.engines.engine import Address
from pool.errors import PoolEmpty
from pool.freezer import Freezer
from pool.session import Session
from tests.support.fake_engine import FakeEngine
from tests.support.house import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@contextmanager
def listening() -> Iterator[Address]:
    """The kernel accepts for a server that is busy elsewhere; so must the check."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Address("127.0.0.1", server.getsockname()[1])


STAYS = Caller(None, gone=lambda: False)


def assigner(house: House, engine: FakeEngine | None = None) -> Assigner:
    freezer = Freezer(engine or FakeEngine(), house.roster, house.clock)
    limits = Limits(sessions_per_address=0, spawns_per_minute=0, clock=house.clock)
    return Assigner(
        house.pools,
        house.waiting,
        freezer,
        limits,
        on_engine_failure=lambda _: None,
        recent=Recent(["jupyter"], house.clock),
        metrics=house.metrics,
        clock=house.clock,
    )


async def test_an_instance_that_died_since_its_last_look_is_skipped_and_ended(house: House) -> None:
    dead = house.warm()
    with listening() as address:
        living = house.warm(address=address)
        session = await assigner(house).arrive(None, STAYS, patience=None)
    assert isinstance(session, Session)
    assert session.instance_id == living.id
    found = house.roster.get(dead.id)
    assert found is not None
    assert (found.state, found.reason) == (State.DRAINING, Reason.DIED)


async def test_when_all_are_dead_the_visitor_is_told_that_there_is_none(house: House) -> None:
    house.warm()
    with pytest.raises(PoolEmpty):
        await assigner(house).arrive(None, STAYS, patience=None)


async def test_a_visitor_who_left_meanwhile_holds_no_instance(house: House) -> None:
    with listening() as address:
        instance = house.warm(address=address)
        with pytest.raises(Disconnected):
            await assigner(house).arrive(None, Caller(None, gone=lambda: True), patience=None)
    found = house.roster.get(instance.id)
    assert found is not None
    assert found.state is State.DRAINING


async def test_a_cancelled_assignment_holds_no_instance(house: House) -> None:
    with listening() as address:
        instance = house.warm(address=address)
        task = asyncio.get_running_loop().create_task(assigner(house).arrive(None, STAYS, patience=None))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    found = house.roster.get(instance.id)
    assert found is not None
    assert found.state is State.DRAINING
