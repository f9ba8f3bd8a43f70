"""What the gateway counts. On the hot path that is an addition; the rest is made at each scrape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.operating.remedies import REMEDIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

    from gateway.logs import Line
    from gateway.site import Site

NO_CODE = "none"
"""The code of a line that is no error of our tree."""

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")


class GatewayMetrics(Collector):
    """Requests, bytes and tunnels of all sessions together; sessions are never labels."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = [0] * len(CLASSES)
        self._to_instance = 0
        self._to_visitor = 0
        self._refused = 0
        registry.register(self)
        self._tunnels = Gauge("warmgate_open_tunnels", "Websockets open now", registry=registry)
        errors = Counter(
            "warmgate_errors", "Warnings and errors logged, by code", ["code"], registry=registry
        )
        # A series that appears only with its first event cannot be alerted on.
        self._errors = {code: errors.labels(code) for code in (*REMEDIES, NO_CODE)}

    def request(self, status: int) -> None:
        """A relayed request was answered, with a status from 100 to 599."""
        self._requests[status // 100 - 1] += 1

    def to_instance(self, size: int) -> None:
        """Bytes went to an instance."""
        self._to_instance += size

    def to_visitor(self, size: int) -> None:
        """Bytes went to a visitor."""
        self._to_visitor += size

    def refused(self, count: int = 1) -> None:
        """A policy refused messages or requests."""
        self._refused += count

    def collect(self) -> Iterator[Metric]:
        """Yield what is counted for each request and each piece, and therefore in bare numbers."""
        requests = CounterMetricFamily(
            "warmgate_relayed_requests", "Requests relayed, by class of status", labels=["status"]
        )
        for name, count in zip(CLASSES, self._requests, strict=True):
            requests.add_metric([name], count)
        relayed = CounterMetricFamily(
            "warmgate_relayed_bytes", "Body and websocket bytes relayed", labels=["direction"]
        )
        relayed.add_metric(["to_instance"], self._to_instance)
        relayed.add_metric(["to_visitor"], self._to_visitor)
        yield requests
        yield relayed
        refused = CounterMetricFamily(
            "warmgate_refused", "Messages and requests that the rules of view mode refused"
        )
        refused.add_metric([], self._refused)
        yield refused

    def relayed(
        self, requests: list[int], to_instance: int, to_visitor: int, tunnels: int, refused: int = 0
    ) -> None:
        """Count what a worker reports; `requests` are by class of status, `tunnels` is a difference."""
        self._requests = [sum(pair) for pair in zip(self._requests, requests, strict=True)]
        self._to_instance += to_instance
        self._to_visitor += to_visitor
        self._tunnels.inc(tunnels)
        self._refused += refused

    def tunnel_opened(self) -> None:
        """A websocket was opened."""
        self._tunnels.inc()

    def tunnel_closed(self) -> None:
        """A websocket was closed."""
        self._tunnels.dec()

    def logged(self, line: Line) -> None:
        """A warning or an error was logged."""
        self._errors.get(line.code or NO_CODE, self._errors[NO_CODE]).inc()


class SiteCollector(Collector):
    """Reads at each scrape what `/readyz` says."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def collect(self) -> Iterator[Metric]:
        """Yield `warmgate_ready` and `warmgate_journal_writable`."""
        ready, _ = self._site.readiness()
        writable = self._site.pools.journal_error is None
        yield GaugeMetricFamily(
            "warmgate_ready", "1 while /readyz says that visitors can be served", int(ready)
        )
        yield GaugeMetricFamily(
            "warmgate_journal_writable", "0 while no session can be written down", int(writable)
        )
