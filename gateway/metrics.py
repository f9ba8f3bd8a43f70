"""What the gateway counts. Children are bound once, so that a count on the hot path is half a microsecond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
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


class GatewayMetrics:
    """Requests, bytes and tunnels of all sessions together; sessions are never labels."""

    def __init__(self, registry: CollectorRegistry) -> None:
        requests = Counter(
            "warmgate_relayed_requests", "Requests relayed, by class of status", ["status"], registry=registry
        )
        relayed = Counter(
            "warmgate_relayed_bytes", "Body and websocket bytes relayed", ["direction"], registry=registry
        )
        self._requests = {int(name[0]): requests.labels(name) for name in CLASSES}
        self._to_instance = relayed.labels("to_instance")
        self._to_visitor = relayed.labels("to_visitor")
        self._tunnels = Gauge("warmgate_open_tunnels", "Websockets open now", registry=registry)
        errors = Counter(
            "warmgate_errors", "Warnings and errors logged, by code", ["code"], registry=registry
        )
        # A series that appears only with its first event cannot be alerted on.
        self._errors = {code: errors.labels(code) for code in (*REMEDIES, NO_CODE)}

    def request(self, status: int) -> None:
        """A relayed request was answered."""
        self._requests[min(5, max(1, status // 100))].inc()

    def to_instance(self, size: int) -> None:
        """Bytes went to an instance."""
        self._to_instance.inc(size)

    def to_visitor(self, size: int) -> None:
        """Bytes went to a visitor."""
        self._to_visitor.inc(size)

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
