"""An event loop without sockets that never waits: where nothing is left to do it moves its clock on.

clock = Clock()
loop = VirtualLoop(clock)
loop.run_until_complete(asyncio.sleep(3600))  # at once; clock.now is an hour later
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.house import Clock


class NothingLeftToDo(Exception):
    """Every task waits for something that no timer will bring about."""


class GoesRoundForEver(Exception):
    """Tasks keep waking each other and time stands still: a real processor would be busy with nothing."""


TURNS = 20_000
"""So many turns of the loop within one moment are a circle."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs what is ready; then `clock` jumps to the next timer. Standing still for ever is an error.

    `asyncio.BaseEventLoop` leaves waiting to a selector, which is this object itself.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._virtual = clock
        self._selector = self
        self._turns = 0

    def time(self) -> float:
        """Return the clock's seconds."""
        return self._virtual.now

    def select(self, timeout: float | None) -> list[Any]:
        """Let the time until the next timer pass."""
        if timeout is None:
            raise NothingLeftToDo
        self._turns = 0 if timeout > 0 else self._turns + 1
        if self._turns > TURNS:
            self._turns = 0
            raise GoesRoundForEver
        self._virtual.now += max(0.0, timeout)
        return []

    def _process_events(self, events: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""

    def pass_time(self, seconds: float) -> None:
        """Let everything happen that is due within so many seconds."""
        self.run_until_complete(asyncio.sleep(seconds))

    def cancel_all(self) -> None:
        """Cancel every task and let each come to its end."""
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                self.run_until_complete(task)

    def end(self) -> None:
        """Cancel what is left and close."""
        self.cancel_all()
        self.run_until_complete(self.shutdown_asyncgens())
        self.close()
