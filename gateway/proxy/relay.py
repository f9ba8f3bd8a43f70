"""Where the rest of the gateway meets the proxy: one relay for all, one set of connections a session."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gateway.proxy.answer_rules import AnswerRules
from gateway.proxy.connections import SessionConnections
from gateway.proxy.frames import SERVICE_RESTART
from gateway.proxy.judged import Judged
from gateway.proxy.limits import DEFAULT, Limits
from gateway.proxy.request_rules import RequestRules
from gateway.proxy.tools import Tools
from gateway.proxy.tunnel import Tunnel

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from gateway.proxy.carrier import Carrier, Switched
    from gateway.proxy.origins import Origins
    from gateway.proxy.ports import Meter, Target
    from gateway.proxy.visitor import Visitors


def carrier_of(switched: Switched) -> Carrier:
    """Return a tunnel, or what judges every message where there are rules for them."""
    return Tunnel(switched) if switched.conversation is None else Judged(switched, switched.conversation)


class Relay:
    """Relays requests and websockets. `carry` says what becomes of a websocket.

    `on_loss` is called when an instance's connection breaks: perhaps it has ended, and nobody has told yet.
    """

    def __init__(
        self,
        *,
        origins: Origins,
        visitors: Visitors,
        meter: Meter,
        limits: Limits = DEFAULT,
        carry: Callable[[Switched], Carrier] = carrier_of,
        random_bytes: Callable[[int], bytes] = os.urandom,
        on_loss: Callable[[], None] = lambda: None,
    ) -> None:
        self._origins = origins
        self._tools = Tools(visitors, meter, limits, carry, random_bytes, on_loss)

    def connect(self, target: Target) -> SessionConnections:
        """Return the connections of a session. Opens none yet; call `end` on them when the session ends."""
        asking = RequestRules(target.upstream, readable=target.judged)
        return SessionConnections(target, asking, AnswerRules(target.upstream, self._origins), self._tools)

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Let the relay own a task; it ends with `close`."""
        self._tools.tasks.spawn(name, work)

    async def close(self) -> None:
        """Let go of everything that is still waited for."""
        await self._tools.tasks.cancel()

    async def close_tunnels(self) -> None:
        """Close all websockets with 1012, so that pages come back after a restart, and wait for that."""
        open_ones = list(self._tools.carrying)
        for connections in open_ones:
            connections.close_tunnels(SERVICE_RESTART, "restarting")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._tools.limits.flush):
                for connections in open_ones:
                    await connections.tunnels_gone()
