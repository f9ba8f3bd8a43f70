"""Plays measures: all peers in turn, again and again, so that a noisy minute hits each of them alike."""

from __future__ import annotations

import statistics
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import psutil

from bench.measures.measure import Section
from bench.peers.peer import Site
from bench.peers.program import program
from bench.running import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

    from bench.measures.measure import Measure, Plan, Values
    from bench.peers.peer import Front, Peer
    from bench.progress import Progress

DIRECT = "direct"
FAULTS = (RuntimeError, TimeoutError, OSError, ValueError, psutil.NoSuchProcess)
"""What a probe may raise: what a peer cannot do is told in the report, and it is measured in the rest."""


def medians(rounds: Sequence[Mapping[str, Values]]) -> dict[str, Values]:
    """Return for each peer the median of each column over the rounds in which it has one."""
    seen = {peer: list(values) for values_of in rounds for peer, values in values_of.items()}
    return {
        peer: {key: _median([values[peer][key] for values in rounds if peer in values]) for key in keys}
        for peer, keys in seen.items()
    }


def _median(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return statistics.median(there) if there else None


def less_direct(values: Mapping[str, Values], keys: Sequence[str]) -> dict[str, Values]:
    """Return one round's values with what the direct way took taken off these columns.

    They are unknown for the direct way itself, and for all where it was not measured.
    """
    base = values.get(DIRECT, {})
    return {
        peer: own | {key: None if peer == DIRECT else _difference(own[key], base.get(key)) for key in keys}
        for peer, own in ((peer, dict(given)) for peer, given in values.items())
    }


def _difference(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base


class Player:
    """Plays measures with these peers; `folder` is for their files."""

    def __init__(self, peers: Sequence[Peer], plan: Plan, folder: Path, progress: Progress) -> None:
        self._peers = peers
        self._proxies = [peer for peer in peers if not peer.whole]
        self._plan = plan
        self._folder = folder
        self._progress = progress
        self.setups: dict[str, str] = {}
        """Command and configuration of each peer that ran."""

    async def play(self, measures: Sequence[Measure], backend: Sequence[str]) -> list[Section]:
        """Play all before the server that the command `backend` starts; return a table for each."""
        port = free_port()
        command = [*backend, "127.0.0.1", str(port), str(self._plan.cpus.load)]
        log = self._folder / "backend.log"
        async with program(command, log=log, port=port, cpu=self._plan.cpus.load):
            lasting = [measure for measure in measures if not measure.fresh]
            sections = []
            if lasting:
                async with AsyncExitStack() as stack:
                    fronts = [
                        await stack.enter_async_context(self._front(peer, port)) for peer in self._proxies
                    ]
                    sections = [await self._together(measure, fronts) for measure in lasting]
            return sections + [await self._fresh(measure, port) for measure in measures if measure.fresh]

    @asynccontextmanager
    async def _front(self, peer: Peer, port: int, sessions: int = 1) -> AsyncIterator[Front]:
        folder = self._folder / f"{peer.name}-{len(list(self._folder.iterdir()))}"
        folder.mkdir()
        async with peer.front(Site(folder, port, self._plan.cpus, sessions)) as front:
            self.setups.setdefault(peer.name, front.setup)
            yield front

    async def _together(self, measure: Measure, fronts: Sequence[Front]) -> Section:
        rounds = []
        for number in range(self._rounds(measure)):
            values: dict[str, Values] = {}
            for front in fronts:
                await self._probe(measure, front, number, values)
            rounds.append(less_direct(values, measure.added))
        return _section(measure, rounds)

    async def _fresh(self, measure: Measure, port: int) -> Section:
        rounds = []
        for number in range(self._rounds(measure)):
            values: dict[str, Values] = {}
            for peer in self._peers if measure.whole else self._proxies:
                if peer.name != DIRECT:
                    await self._start_and_probe(measure, peer, port, number, values)
            rounds.append(values)
        return _section(measure, rounds)

    async def _start_and_probe(
        self, measure: Measure, peer: Peer, port: int, number: int, values: dict[str, Values]
    ) -> None:
        try:
            async with self._front(peer, port, measure.sessions) as front:
                await self._probe(measure, front, number, values)
        except FAULTS as error:
            self._progress.fault(f"{measure.title}: {peer.name} did not start: {error}")

    def _rounds(self, measure: Measure) -> int:
        return min(self._plan.rounds, measure.rounds or self._plan.rounds)

    async def _probe(self, measure: Measure, front: Front, number: int, values: dict[str, Values]) -> None:
        self._progress.step(f"{measure.title}: {front.peer}, round {number + 1} of {self._rounds(measure)}")
        try:
            values[front.peer] = await measure.probe(front, self._plan)
        except FAULTS as error:
            self._progress.fault(f"{measure.title}: {front.peer}: {type(error).__name__}: {error}")


def _section(measure: Measure, rounds: Sequence[Mapping[str, Values]]) -> Section:
    return Section(
        measure.name,
        measure.title,
        measure.columns,
        measure.compared,
        medians(rounds),
        measure.note,
        rounds,
    )
