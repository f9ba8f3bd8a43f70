"""What all exchanges of one relay have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.proxy.limits import Limits
    from gateway.proxy.ports import Meter
    from gateway.proxy.tunnel import Carrier, Switched
    from gateway.proxy.visitor import Visitors


@dataclass(frozen=True, slots=True)
class Tools:
    """Who visits, what is counted, how long is waited, what carries a websocket; and whom a loss is told."""

    visitors: Visitors
    meter: Meter
    limits: Limits
    carry: Callable[[Switched], Carrier]
    random_bytes: Callable[[int], bytes]
    on_loss: Callable[[], None]
