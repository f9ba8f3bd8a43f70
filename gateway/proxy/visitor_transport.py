"""A visitor's transport, as their connection uses it. Whatever is asked of one that is gone does nothing."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from gateway.proxy import sockets
from gateway.proxy.deadline import Deadline

if TYPE_CHECKING:
    from gateway.proxy.limits import Limits


class VisitorTransport:
    """See the module. It is `over` once nothing more is to be read as a request."""

    __slots__ = ("_limits", "_stall", "full", "inner", "over", "paused", "peer")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stall: Deadline | None = None
        self.inner: asyncio.Transport | None = None
        """asyncio's own, while the visitor is there."""
        self.full = False
        """Whether the visitor has not taken yet what was written."""
        self.over = False
        self.paused = False
        """Whether nothing is read."""
        self.peer: str | None = None
        """The address it comes from."""

    @property
    def closing(self) -> bool:
        """Whether nothing more can be written."""
        return self.inner is None or self.inner.is_closing()

    def made(self, inner: asyncio.Transport) -> None:
        """Take a new connection's."""
        self.inner = inner
        sockets.notice_loss(inner)
        name = inner.get_extra_info("peername")
        self.peer = name[0] if name else None

    def lost(self) -> None:
        """The visitor is gone."""
        self.inner = None
        self.over = True
        if self._stall is not None:
            self._stall.cancel()

    def filled(self) -> None:
        """The visitor takes no more: they are given time, but not for ever."""
        self.full = True
        if self._stall is None:
            self._stall = Deadline(asyncio.get_running_loop(), self._drop)
        self._stall.within(self._limits.client_stall)

    def drained(self) -> None:
        """The visitor takes bytes again."""
        self.full = False
        if self._stall is not None:
            self._stall.clear()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        # uvloop refuses to write to a closed transport, where asyncio only drops the bytes.
        if self.inner is not None and not self.inner.is_closing():
            self.inner.write(data)

    def pause(self) -> None:
        """Read no more for now. aiohttp may have let it read on meanwhile, so it is always said."""
        if self.inner is not None and not self.inner.is_closing():
            self.paused = True
            self.inner.pause_reading()

    def resume(self) -> None:
        """Read on, if nothing was read."""
        if self.paused and self.inner is not None and not self.inner.is_closing():
            self.paused = False
            self.inner.resume_reading()

    def finish(self) -> None:
        """Read nothing more. From now on one who has not been sent everything counts as full."""
        self.pause()
        self.over = True
        if self.inner is not None:
            self.inner.set_write_buffer_limits(high=0)

    def give_away(self) -> asyncio.Transport | None:
        """Return asyncio's own, paused, for somebody else; None where it is gone or going."""
        inner = self.inner
        if inner is None or inner.is_closing():
            return None
        self.pause()
        self.lost()
        return inner

    def duplicate(self) -> int | None:
        """Return another descriptor of its socket; None where none is left."""
        if self.inner is None:
            return None
        try:
            return os.dup(self.inner.get_extra_info("socket").fileno())
        except OSError:
            return None

    def say_goodbye(self) -> None:
        """Close, but read on: bytes on their way would reset the connection under the answer."""
        self.over = True
        inner = self.inner
        if inner is None or inner.is_closing():
            return
        sockets.hurry(inner, self._limits.flush)
        inner.write_eof()
        self.resume()

    def close(self) -> None:
        """Close once all was sent, but do not wait for ever for who takes nothing."""
        self.over = True
        if self.inner is not None and not self.inner.is_closing():
            sockets.hurry(self.inner, self._limits.flush)
            self.inner.close()

    def reset(self) -> None:
        """Drop it, so that the visitor cannot take what they have for all there was."""
        self.over = True
        self._drop()

    def _drop(self) -> None:
        if self.inner is not None:
            sockets.reset(self.inner)
