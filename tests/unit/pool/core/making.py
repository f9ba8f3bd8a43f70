"""Short ways to write down pools and instances in tests of the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pool.core.instance import Instance
from pool.core.observed import Host, Observed, Wanted
from pool.core.plan import plan

if TYPE_CHECKING:
    from pool.core.actions import Action
    from pool.core.states import State

MIB = 2**20


def instance(name: str, state: State, **changes: Any) -> Instance:
    values: dict[str, Any] = {
        "id": name,
        "pool": "jupyter",
        "generation": "g1",
        "charge": 512 * MIB,
        "state": state,
        "created_at": 0.0,
        "since": 0.0,
        "idle_timeout": 600.0,
        "max_age": 3600.0,
    }
    values |= changes
    return Instance(**({"limit": values["charge"]} | values))


def wanted(pool: str = "jupyter", **changes: Any) -> Wanted:
    values: dict[str, Any] = {
        "pool": pool,
        "generation": "g1",
        "limit": 512 * MIB,
        "target": 3,
        "max": 20,
        "hot": 99,
    }
    return Wanted(**(values | changes))


def planned(
    *instances: Instance,
    pools: tuple[Wanted, ...] = (wanted(),),
    budget: int = 100 * 512 * MIB,
    now: float = 0.0,
    in_flight: frozenset[str] = frozenset(),
    start_concurrency: int = 2,
    host: Host = Host(),  # noqa: B008 - a frozen value
    promised: frozenset[str] = frozenset(),
) -> list[Action]:
    return plan(
        Observed(instances, in_flight, host, promised),
        pools,
        budget,
        now,
        start_concurrency=start_concurrency,
    )
