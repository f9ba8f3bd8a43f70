"""What all exchanges of one relay have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gateway.proxy.quick_ack import QuickAcks
from pool.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.proxy.carrier import Carrier, Switched
    from gateway.proxy.limits import Limits
    from gateway.proxy.ports import Meter
    from gateway.proxy.visitor import Visitors


class Carrying(Protocol):
    """A session with websockets."""

    def close_tunnels(self, code: int, reason: str) -> None:
        """Ask every websocket to end."""
        ...

    async def tunnels_gone(self) -> None:
        """Wait until none is open."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """Who visits, what is counted, how long is waited, what carries a websocket; and whom a loss is told."""

    visitors: Visitors
    meter: Meter
    limits: Limits
    carry: Callable[[Switched], Carrier]
    random_bytes: Callable[[int], bytes]
    on_loss: Callable[[], None]
    tasks: Tasks = field(default_factory=Tasks)
    """The few things that must be waited for: connections being opened, bodies a kind looks at."""
    quick_acks: QuickAcks = field(default_factory=QuickAcks)
    carrying: set[Carrying] = field(default_factory=set)
    """The sessions that have websockets open."""
