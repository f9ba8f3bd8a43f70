"""The connections to one session's instance. No other session ever uses them, so nothing can cross over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from gateway.errors import InstanceUnreachable, SessionBusy, SessionEnded
from gateway.proxy.reworking import Holding
from gateway.proxy.wire import Wire

if TYPE_CHECKING:
    from config.errors import WarmgateError
    from gateway.proxy.answer_rules import AnswerRules
    from gateway.proxy.ports import Target
    from gateway.proxy.request_rules import RequestRules
    from gateway.proxy.tools import Tools

SESSION_ENDED = 4410
"""The Close code of a session's end: the private range's echo of 410, so that a page can tell it from a lost
network."""


class Carried(Protocol):
    """An open websocket, as far as its session looks."""

    def close(self, code: int, reason: str) -> None:
        """End it with a Close frame where one can be put, without one where not."""
        ...


class Opening(Protocol):
    """Who waits for a new connection, or for the news why one broke."""

    def opened(self, wire: Wire) -> None:
        """Here it is; it counts as busy until it is released."""
        ...

    def fail(self, error: WarmgateError) -> None:
        """There will be none."""
        ...

    def gone_for(self, error: SessionEnded | None) -> None:
        """The session has ended, or, with None, it seems to go on."""
        ...


class SessionConnections:
    """Idle, busy and switched connections of one session. Made and ended without waiting."""

    def __init__(
        self, target: Target, request_rules: RequestRules, answer_rules: AnswerRules, tools: Tools
    ) -> None:
        self.target = target
        self.request_rules = request_rules
        self.answer_rules = answer_rules
        self.tools = tools
        self.secret = target.upstream.secret.encode()
        self.holding = Holding(tools.limits.reworked)
        self._limits = tools.limits
        self._loop = asyncio.get_running_loop()  # kept, because asking for it is a system call
        self._idle: list[Wire] = []
        self._busy: set[Wire] = set()
        self._openings: dict[Opening, asyncio.Task[None]] = {}
        self._wondering: dict[Opening, asyncio.TimerHandle] = {}
        self._tunnels: set[Carried] = set()
        self._no_tunnels = asyncio.Event()
        self._no_tunnels.set()
        self._ended: SessionEnded | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many connections there are, of all sorts."""
        return len(self._idle) + len(self._busy) + len(self._tunnels) + len(self._openings)

    @property
    def tunnels(self) -> int:
        """How many websockets are open."""
        return len(self._tunnels)

    def kept(self) -> Wire | None:
        """Return a connection that was used before, if there is one; it counts as busy now."""
        while self._idle:
            wire = self._idle.pop()
            if wire.usable:
                self._busy.add(wire)
                return wire
        return None

    def open(self, waiting: Opening) -> None:
        """Open a new connection for `waiting`; see Opening. Raises SessionEnded, SessionBusy."""
        self.check()
        if len(self) - len(self._idle) >= self._limits.connections:
            raise SessionBusy(f"{self._limits.connections} connections at once")
        self._openings[waiting] = self.tools.tasks.spawn("connection", self._open(waiting))

    async def _open(self, waiting: Opening) -> None:
        address = self.target.upstream.address
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limits.connect):
                _, wire = await loop.create_connection(
                    lambda: Wire(self._limits, self._forget), address.host, address.port
                )
        except OSError as error:  # TimeoutError is one
            self._openings.pop(waiting, None)
            waiting.fail(InstanceUnreachable(f"no connection: {type(error).__name__}"))
            return
        if self._openings.pop(waiting, None) is None:
            wire.abort()
            return
        self._busy.add(wire)
        waiting.opened(wire)

    def forgo(self, waiting: Opening) -> None:
        """Open no connection for one who has left, and tell them nothing more."""
        if (task := self._openings.pop(waiting, None)) is not None:
            task.cancel()
        if (timer := self._wondering.pop(waiting, None)) is not None:
            timer.cancel()

    def release(self, wire: Wire) -> None:
        """Take a connection back: keep it if its exchange ended cleanly, drop it otherwise."""
        self._busy.discard(wire)
        loop = self._loop
        room = self._ended is None and len(self._idle) < self._limits.idle_connections
        if not room or not wire.rest(loop.time()):
            wire.abort()
            return
        self._idle.append(wire)
        if self._sweeper is None:
            self._sweeper = loop.call_later(self._limits.idle, self._sweep)

    def _sweep(self) -> None:
        """Close what was idle for long; a server must never be the first to do so while we send."""
        self._sweeper = None
        loop = asyncio.get_running_loop()
        due = loop.time() - self._limits.idle
        for wire in [wire for wire in self._idle if wire.idle_since <= due]:
            self._idle.remove(wire)
            wire.close()
        if self._idle:
            oldest = min(wire.idle_since for wire in self._idle)
            self._sweeper = loop.call_at(oldest + self._limits.idle, self._sweep)

    def _forget(self, wire: Wire) -> None:
        self._busy.discard(wire)
        if wire in self._idle:
            self._idle.remove(wire)

    def check_judged(self) -> None:
        """Raise SessionBusy unless there may be one more websocket whose messages are judged."""
        if len(self._tunnels) >= self._limits.judged:
            raise SessionBusy(f"{self._limits.judged} judged websockets at once")

    def add_tunnel(self, tunnel: Carried) -> None:
        """Note an open websocket, so that it ends with the session."""
        self.tools.meter.tunnel_opened()
        self._tunnels.add(tunnel)
        self.tools.carrying.add(self)
        self._no_tunnels.clear()

    def drop_tunnel(self, tunnel: Carried) -> None:
        """Forget a websocket that has ended."""
        self.tools.meter.tunnel_closed()
        self._tunnels.discard(tunnel)
        if not self._tunnels:
            self.tools.carrying.discard(self)
            self._no_tunnels.set()

    async def tunnels_gone(self) -> None:
        """Wait until no websocket is open."""
        await self._no_tunnels.wait()

    def close_tunnels(self, code: int, reason: str) -> None:
        """Ask every websocket to end; each does within `limits.close_grace`."""
        for tunnel in list(self._tunnels):
            tunnel.close(code, reason)

    def wonder(self, waiting: Opening) -> None:
        """The instance's connection broke: wait a moment for the news that the session has ended."""
        if self._ended is not None:
            waiting.gone_for(self._raised(self._ended))
            return
        loop = asyncio.get_running_loop()
        self._wondering[waiting] = loop.call_later(self._limits.cause, self._unwell, waiting)

    def _unwell(self, waiting: Opening) -> None:
        if self._wondering.pop(waiting, None) is not None:
            waiting.gone_for(None)

    def end(self, reason: str = "") -> None:
        """End the session here: requests under way get SessionEnded, websockets a Close frame."""
        if self._ended is not None:
            return
        self._ended = ended = SessionEnded.of(reason, self.target.pool)
        if self._sweeper is not None:
            self._sweeper.cancel()
        for wire in self._idle:
            wire.close()
        self._idle.clear()
        for waiting in list(self._openings):
            self.forgo(waiting)
            waiting.fail(self._raised(ended))
        for waiting in list(self._wondering):
            self.forgo(waiting)
            waiting.gone_for(self._raised(ended))
        for wire in list(self._busy):
            wire.fail(self._raised(ended))
        self.close_tunnels(SESSION_ENDED, f"{ended.code} {reason or 'session ended'}")

    def check(self) -> None:
        """Raise SessionEnded if the session is over."""
        if self._ended is not None:
            raise self._raised(self._ended)

    def _raised(self, ended: SessionEnded) -> SessionEnded:
        # A new one each time, or each raise would lengthen the traceback of the one before.
        return SessionEnded.of(ended.detail, ended.pool)
