"""What is read anew at each scrape: states, charges, lines and the host's memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pool.core.states import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.metrics_core import Metric

    from pool.core.line import Line
    from pool.core.roster import Roster
    from pool.memory import HostWatch
    from pool.pools import Pools


class PoolCollector(Collector):
    """Reads states, charges and lines at each scrape: a gauge that is derived cannot drift."""

    def __init__(self, roster: Roster, pools: Pools, line: Line, host: HostWatch) -> None:
        self._roster = roster
        self._pools = pools
        self._line = line
        self._host = host

    def collect(self) -> Iterator[Metric]:
        """Yield everything that is counted anew each time."""
        yield from self._instances()
        yield from self._lines()
        yield GaugeMetricFamily(
            "warmgate_host_available_bytes", "Bytes the machine has available", value=self._host.available
        )
        if (pressure := self._host.pressure) is not None:
            yield GaugeMetricFamily(
                "warmgate_memory_pressure",
                "Percent of the last ten seconds in which a program of the machine waited for memory",
                value=pressure,
            )

    def _lines(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("warmgate_waiting", "Visitors in line", labels=["pool"])
        target = GaugeMetricFamily("warmgate_target", "Instances to be held ready now", labels=["pool"])
        for pool in self._pools:
            waiting.add_metric([pool.name], self._line.waiting(pool.name))
            target.add_metric([pool.name], pool.wanted_ready)
        yield waiting
        yield target

    def _instances(self) -> Iterator[Metric]:
        states = GaugeMetricFamily("warmgate_instances", "Instances by state", labels=["pool", "state"])
        charges = GaugeMetricFamily(
            "warmgate_charged_bytes", "Bytes the instances count for", labels=["pool"]
        )
        names = {pool.name for pool in self._pools}
        for pool in sorted(names | {instance.pool for instance in self._roster}):
            for state, count in self._roster.census(pool).items():
                if state is not State.GONE:
                    states.add_metric([pool, state], count)
            charges.add_metric([pool], sum(i.charge for i in self._roster if i.pool == pool))
        yield states
        yield charges
        yield GaugeMetricFamily(
            "warmgate_budget_bytes", "Bytes there are for all instances", value=self._roster.budget
        )
