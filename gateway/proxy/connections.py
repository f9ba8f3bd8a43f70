"""The connections to one session's instance. No other session ever uses them, so nothing can cross over."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from gateway.errors import InstanceUnreachable, SessionBusy, SessionEnded
from gateway.proxy.limits import DEFAULT, Limits
from gateway.proxy.wire import Wire

if TYPE_CHECKING:
    from gateway.proxy.headers import HeadRules
    from gateway.proxy.ports import Target

SESSION_ENDED = 4410
"""The Close code of a session's end: the private range's echo of 410, so that a page can tell it from a lost
network."""


class Carried(Protocol):
    """An open websocket, as far as its session looks."""

    def close(self, code: int, reason: str) -> None:
        """End it with a Close frame where one can be put, without one where not."""
        ...


class SessionConnections:
    """Idle, busy and switched connections of one session. Made and ended without waiting."""

    def __init__(self, target: Target, rules: HeadRules, limits: Limits = DEFAULT) -> None:
        self.target = target
        self.rules = rules
        self.limits = limits
        self._idle: list[Wire] = []
        self._busy: set[Wire] = set()
        self._openings: set[asyncio.Timeout] = set()
        self._tunnels: set[Carried] = set()
        self._no_tunnels = asyncio.Event()
        self._no_tunnels.set()
        self._ended: SessionEnded | None = None
        self._over = asyncio.Event()
        self._sweeper: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        """Return how many connections there are, of all sorts."""
        return len(self._idle) + len(self._busy) + len(self._tunnels) + len(self._openings)

    @property
    def tunnels(self) -> int:
        """How many websockets are open."""
        return len(self._tunnels)

    async def acquire(self, *, fresh: bool) -> tuple[Wire, bool]:
        """Return a connection, and whether it was used before; `fresh` rules that out.

        Raises SessionEnded, SessionBusy, InstanceUnreachable.
        """
        self._check()
        while self._idle and not fresh:
            wire = self._idle.pop()
            if wire.usable:
                self._busy.add(wire)
                return wire, True
        if len(self) - len(self._idle) >= self.limits.connections:
            raise SessionBusy(f"{self.limits.connections} connections at once")
        wire = await self._open()
        self._busy.add(wire)
        return wire, False

    async def _open(self) -> Wire:
        address = self.target.upstream.address
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.limits.connect) as opening:
                self._openings.add(opening)
                try:
                    _, wire = await loop.create_connection(
                        lambda: Wire(self.limits, self._forget), address.host, address.port
                    )
                finally:
                    self._openings.discard(opening)
        except OSError as error:  # TimeoutError is one
            self._check()
            raise InstanceUnreachable(f"no connection: {type(error).__name__}") from None
        try:
            self._check()
        except SessionEnded:
            wire.abort()
            raise
        return wire

    def release(self, wire: Wire) -> None:
        """Take a connection back: keep it if its exchange ended cleanly, drop it otherwise."""
        self._busy.discard(wire)
        if not wire.reusable or self._ended is not None or len(self._idle) >= self.limits.idle_connections:
            wire.abort()
            return
        loop = asyncio.get_running_loop()
        wire.rest(loop.time())
        self._idle.append(wire)
        if self._sweeper is None:
            self._sweeper = loop.call_later(self.limits.idle, self._sweep)

    def _sweep(self) -> None:
        """Close what was idle for long; a server must never be the first to do so while we send."""
        self._sweeper = None
        loop = asyncio.get_running_loop()
        due = loop.time() - self.limits.idle
        for wire in [wire for wire in self._idle if wire.idle_since <= due]:
            self._idle.remove(wire)
            wire.close()
        if self._idle:
            oldest = min(wire.idle_since for wire in self._idle)
            self._sweeper = loop.call_at(oldest + self.limits.idle, self._sweep)

    def _forget(self, wire: Wire) -> None:
        self._busy.discard(wire)
        if wire in self._idle:
            self._idle.remove(wire)

    def add_tunnel(self, tunnel: Carried) -> None:
        """Note an open websocket, so that it ends with the session."""
        self._tunnels.add(tunnel)
        self._no_tunnels.clear()

    def drop_tunnel(self, tunnel: Carried) -> None:
        """Forget a websocket that has ended."""
        self._tunnels.discard(tunnel)
        if not self._tunnels:
            self._no_tunnels.set()

    async def tunnels_gone(self) -> None:
        """Wait until no websocket is open."""
        await self._no_tunnels.wait()

    def close_tunnels(self, code: int, reason: str) -> None:
        """Ask every websocket to end; each does within `limits.close_grace`."""
        for tunnel in list(self._tunnels):
            tunnel.close(code, reason)

    async def cause(self) -> None:
        """The instance's connection broke: wait a moment for the news that the session has ended.

        Raises SessionEnded when it has; returns when the instance is only unwell.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(self.limits.cause):
                await self._over.wait()
        self._check()

    def end(self, reason: str = "") -> None:
        """End the session here: requests under way get SessionEnded, websockets a Close frame."""
        if self._ended is not None:
            return
        self._ended = SessionEnded.of(reason, self.target.pool)
        self._over.set()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for wire in self._idle:
            wire.close()
        self._idle.clear()
        for opening in self._openings:
            opening.reschedule(asyncio.get_running_loop().time())
        for wire in list(self._busy):
            wire.fail(self._raised(self._ended))
        self.close_tunnels(SESSION_ENDED, f"{self._ended.code} {reason or 'session ended'}")

    def _check(self) -> None:
        if self._ended is not None:
            raise self._raised(self._ended)

    def _raised(self, ended: SessionEnded) -> SessionEnded:
        # A new one each time, or each raise would lengthen the traceback of the one before.
        return SessionEnded.of(ended.detail, ended.pool)
