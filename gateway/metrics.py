"""What the relay counts. Children are bound once, so that a count on the hot path is half a microsecond."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

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
