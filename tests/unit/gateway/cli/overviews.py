"""Answers of an admin port, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from gateway.cli.answers import InstanceRow, Overview, PoolRow

MIB = 2**20


def instance(instance_id: str, **changes: Any) -> InstanceRow:
    values = {"id": instance_id, "pool": "app", "state": "warm", "age": 5.0, "charge": 512 * MIB}
    return InstanceRow(**(values | changes))


def pool(name: str = "app", **changes: Any) -> PoolRow:
    return PoolRow(**({"name": name, "warm": 2, "max": 4, "capacity": 4} | changes))


def overview(*instances: InstanceRow, pools: tuple[PoolRow, ...] = (pool(),)) -> Overview:
    return Overview(
        gateway="test",
        version="1",
        budget=2048 * MIB,
        charged=sum(each.charge for each in instances),
        pools=pools,
        instances=instances,
    )
