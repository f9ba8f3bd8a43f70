"""What carries a websocket once its handshake is over, and what it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from gateway.policy.conversation import Conversation
    from gateway.proxy.limits import Limits
    from gateway.proxy.ports import Meter
    from gateway.proxy.quick_ack import QuickAcks


@dataclass(frozen=True, slots=True)
class Switched:
    """Both ends of a websocket right after the handshake, both paused."""

    visitor: asyncio.Transport
    early: bytes
    """What the visitor sent before the handshake was over."""
    instance: asyncio.Transport
    leftover: bytes
    """What the instance sent behind its 101."""
    on_activity: Callable[[], None]
    is_heartbeat: Callable[[bytes], bool] | None
    """Says of a short message of the visitor's whether it is no activity."""
    on_loss: Callable[[], None]
    """Called when the instance is gone without a goodbye."""
    on_over: Callable[[Carrier], None]
    """Called once, when both connections are let go of."""
    meter: Meter
    limits: Limits
    random_bytes: Callable[[int], bytes]
    quick_acks: QuickAcks
    conversation: Conversation | None = None
    """What judges every message, in view mode."""


class Carrier(Protocol):
    """Carries a websocket: this module's tunnel, or a stream decoded and judged message by message.

    It takes both transports over with `set_protocol`, and calls `on_over` when it has let go of them.
    """

    def start(self) -> None:
        """Begin."""
        ...

    def close(self, code: int, reason: str) -> None:
        """End it soon, with this code where a frame can be put."""
        ...
