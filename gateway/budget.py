"""How many bytes instances may have together, and how many of each pool that is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import ConfigError, Problem, format_size
from pool import memory
from pool.core.budget import resolve
from pool.engines.engine import LIVE
from pool.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings
    from pool.engines.engine import Engine

SURVEY_LIMIT = 10.0
"""Seconds for asking an engine what is there at start; what is not known by then counts as nothing."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Bytes, as far as they are known at start."""

    total: int = 0
    """What the engine's machine has; it may be a small virtual one. 0: unknown."""
    ours: int = 0
    """What instances of an earlier run use right now. They are part of the budget, so it is not less for
    them.
    """


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget in bytes, and where it comes from in words."""

    total: int
    why: str


async def survey(engine: Engine) -> Machine:
    """Ask the engine; one that does not answer tells nothing."""
    try:
        async with asyncio.timeout(SURVEY_LIMIT):
            facts = await engine.connect()
            living = [found.instance_id for found in await engine.list() if found.status in LIVE]
            sizes = await asyncio.gather(*(engine.measure(instance_id) for instance_id in living))
    except (EngineError, TimeoutError):
        return Machine()
    return Machine(facts.memory_total, sum(sizes))


def budget_of(settings: Settings, machine: Machine = Machine()) -> Budget:
    """Return the budget. Raises ConfigError when it does not hold one instance of each pool."""
    configured = settings.memory.budget
    if configured == "auto":
        free = memory.available() + machine.ours
        free = min(free, machine.total or free)
        reserve = settings.memory.reserve
        total = resolve(None, available=free, reserve=reserve)
        why = f"{_round(free)} available, {_round(reserve)} of it stay free"
    else:
        total, why = int(configured), "as configured"
    largest = max(settings.pools, key=lambda pool: pool.memory)
    if largest.memory > total:
        raise ConfigError(
            Problem(
                "memory.budget",
                f"{configured} ({total // 2**20} MiB)",
                f"at least {largest.memory // 2**20} MiB, the memory of one instance of pool {largest.name}",
            )
        )
    return Budget(total, why)


def allowed(settings: Settings, total: int) -> Iterator[tuple[str, str]]:
    """Yield each pool's name and, in words, how many instances of it the budget allows if it had all to
    itself.
    """
    for pool in settings.pools:
        count = min(pool.max, total // pool.memory)
        bound = "its max" if count == pool.max else f"the budget; its max is {pool.max}"
        yield pool.name, f"up to {count} in use, {format_size(pool.memory)} each: {bound}"


def _round(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size // 2**20} MiB"


def lines(settings: Settings, budget: Budget) -> Iterator[str]:
    """Yield what the operator is told at start."""
    yield f"Memory budget: {_round(budget.total)} ({budget.why}), which allows"
    told = list(allowed(settings, budget.total))
    width = max(len(name) for name, _ in told)
    for name, words in told:
        yield f"  {name:<{width}}  {words}"
