"""One pool as a simulation: visitors come, instances start, serve once and go. No engine, no waiting."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from bench.policies import NEVER
from pool.core.sizing import panicking

if TYPE_CHECKING:
    from bench.policies import Policy
    from bench.traces import Trace

SPREAD = 0.8
"""How much visitors differ in how long they stay: sigma of the logarithm."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the pool runs on. Times are seconds."""

    starts_at_once: int = 2
    start: tuple[float, float] = (2.0, 3.4)
    """The shortest and the longest start. Two at once make about 0.74 instances a second."""
    courtesy: float = 2.0
    """After an assignment none starts for so long while another is ready."""
    hurries: bool = True
    """Whether a panic suspends the courtesy, whatever the policy."""
    room: int = 120
    """How many instances fit, whatever they do."""


@dataclass(slots=True)
class Outcome:
    """What came of it. Times are seconds."""

    waits: list[float] = field(default_factory=list)
    """One for each visitor, 0 for a hit, in the order in which they entered."""
    idle: float = 0.0
    """Over all instances, from warm until a visitor or the end."""
    unused: int = 0
    """Instances that ended without a visitor."""
    most_ready: int = 0

    @property
    def visitors(self) -> int:
        """How many came, and got an instance in the end."""
        return len(self.waits)

    @property
    def misses(self) -> int:
        """Visitors who had to wait."""
        return sum(wait > 0 for wait in self.waits)

    @property
    def hit_rate(self) -> float:
        """Share of visitors who did not have to wait."""
        return 1 - self.misses / len(self.waits) if self.waits else 1.0


class PoolModel:
    """Carries a policy's numbers out the way the pool's plan does."""

    def __init__(self, trace: Trace, policy: Policy, machine: Machine, seed: int) -> None:
        self._trace = trace
        self._policy = policy
        self._machine = machine
        self._starts = Random(f"starts {seed}")
        self._stays = Random(f"stays {seed}")
        self._now = 0.0
        self._ready = 0
        self._preparing: list[tuple[float, float]] = []
        self._leaving: list[float] = []
        self._line: deque[float] = deque()
        self._refill_at = 0.0
        self._wake_at = NEVER
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Live through the whole trace."""
        visitors = iter(self._trace.arrivals)
        coming = next(visitors, NEVER)
        ask_at = 0.0
        while True:
            warm_at = self._preparing[0][0] if self._preparing else NEVER
            leaves_at = self._leaving[0] if self._leaving else NEVER
            moment = min(coming, warm_at, leaves_at, ask_at, self._wake_at)
            if moment >= self._trace.seconds:
                self._pass_time(self._trace.seconds)
                return self.outcome
            self._pass_time(moment)
            if moment == warm_at:
                _, took = heapq.heappop(self._preparing)
                self._policy.arrivals.started(took)
                self._ready += 1
            elif moment == leaves_at:
                heapq.heappop(self._leaving)
            elif moment == coming:
                self._policy.arrivals.arrived(moment)
                self._line.append(moment)
                coming = next(visitors, NEVER)
            self._assign()
            self._plan()
            ask_at = moment + self._policy.every

    def _pass_time(self, moment: float) -> None:
        counted = moment - max(self._now, self._trace.measured_from)
        self.outcome.idle += self._ready * max(0.0, counted)
        self._now = moment

    def _assign(self) -> None:
        while self._ready and self._line:
            self._ready -= 1
            came = self._line.popleft()
            stay = self._stays.lognormvariate(math.log(self._trace.stay), SPREAD)
            heapq.heappush(self._leaving, self._now + stay)
            self._refill_at = self._now + self._machine.courtesy
            if came >= self._trace.measured_from:
                self.outcome.waits.append(self._now - came)

    def _plan(self) -> None:
        machine = self._machine
        ceiling = machine.room - len(self._leaving)
        supply = max(self._policy.target(self._now, ceiling), len(self._line))
        if (surplus := self._ready - supply) > 0:
            self._ready -= surplus
            self.outcome.unused += surplus if self._now >= self._trace.measured_from else 0
        self.outcome.most_ready = max(self.outcome.most_ready, self._ready)
        self._wake_at = NEVER
        while len(self._preparing) < machine.starts_at_once and self._ready + len(self._preparing) < min(
            supply, ceiling
        ):
            if self._refill_at > self._now and self._courteous():
                self._wake_at = self._refill_at
                return
            took = self._starts.uniform(*machine.start)
            heapq.heappush(self._preparing, (self._now + took, took))

    def _courteous(self) -> bool:
        """Return whether a start waits for the page of the visitor who has just come."""
        if not self._ready or self._line:
            return False
        arrivals, at_once = self._policy.arrivals, self._machine.starts_at_once
        return not (self._machine.hurries and panicking(arrivals, self._now, at_once))
