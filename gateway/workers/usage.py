"""What a worker counts until it tells the owner."""

from __future__ import annotations

from gateway.workers.messages import Used

CLASSES = 5


class Usage:
    """Implements Meter; also collects the sessions that were used."""

    def __init__(self) -> None:
        self.touched: set[str] = set()
        self.claimed: set[str] = set()
        self._requests = [0] * CLASSES
        self._to_instance = 0
        self._to_visitor = 0
        self._tunnels = 0
        self._refused = 0
        self._told: tuple[int, ...] = ()

    def request(self, status: int) -> None:
        """See Meter, here and below."""
        self._requests[status // 100 - 1] += 1

    def to_instance(self, size: int) -> None:
        """Bytes went to an instance."""
        self._to_instance += size

    def to_visitor(self, size: int) -> None:
        """Bytes went to a visitor."""
        self._to_visitor += size

    def refused(self) -> None:
        """A policy refused a message or a request."""
        self._refused += 1

    def tunnel_opened(self) -> None:
        """A websocket was opened."""
        self._tunnels += 1

    def tunnel_closed(self) -> None:
        """A websocket was closed."""
        self._tunnels -= 1

    def news(self) -> Used | None:
        """Return what happened since the last time, None if nothing did."""
        told = (*self._requests, self._to_instance, self._to_visitor, self._refused, self._tunnels)
        if told == self._told and not self.touched and not self.claimed:
            return None
        used = Used(
            self._requests,
            self._to_instance,
            self._to_visitor,
            self._tunnels,
            sorted(self.touched),
            sorted(self.claimed),
            self._refused,
        )
        self._requests = [0] * CLASSES
        self._to_instance = self._to_visitor = self._refused = 0
        self._told = (*self._requests, 0, 0, 0, self._tunnels)
        self.touched = set()
        self.claimed = set()
        return used
