"""What one measure is: a probe of one running peer, and what its numbers are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.cpus import Cpus
    from bench.peers.peer import Front

Values: TypeAlias = "Mapping[str, float | None]"
"""Numbers by column; None where there is nothing to measure, such as the CPU of no proxy."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is done."""

    seconds: int
    """Of one load."""
    rounds: int
    """Each peer is probed so often, in turn with the others; the median counts."""
    cpus: Cpus


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of number."""

    key: str
    title: str
    """With its unit."""
    digits: int = 1


class Probe(Protocol):
    """Measures once."""

    async def __call__(self, front: Front, plan: Plan) -> Values:
        """Return one number for each column. Raises RuntimeError, TimeoutError, OSError or ValueError."""
        ...


@dataclass(frozen=True, slots=True)
class Measure:
    """A probe and its columns."""

    group: str
    """What `--only` calls it, together with others."""
    name: str
    """Unique; what the report's JSON calls it."""
    title: str
    columns: tuple[Column, ...]
    compared: str
    """Key of the column whose ratios to other peers are shown."""
    probe: Probe
    note: str = ""
    added: tuple[str, ...] = ()
    """Keys of columns told without what the direct way takes in the same round."""
    fresh: bool = False
    """Whether each probe wants peers that were just started and have done nothing yet."""
    whole: bool = False
    """Whether peers take part that make their visitors' servers themselves."""
    sessions: int = 1
    """Sessions that share the load, for peers that know sessions."""
    rounds: int = 0
    """At most so many; 0: as many as the plan says."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the report."""

    name: str
    title: str
    columns: tuple[Column, ...]
    compared: str
    """Key of the column whose ratios to other peers are shown; empty where rows are no peers."""
    rows: Mapping[str, Values]
    """By peer: the medians."""
    note: str = ""
    rounds: Sequence[Mapping[str, Values]] = field(default_factory=tuple)
    """Every single number, for those who do not trust a median."""
