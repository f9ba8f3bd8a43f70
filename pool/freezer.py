"""Pauses ready instances and lets them run again, one thing at a time for each instance."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import structlog

from pool.core.states import State
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.core.roster import Roster
    from pool.engines.engine import Engine

log = structlog.stdlib.get_logger(__name__)


class Freezer:
    """A visitor may be given an instance while it is being paused: whoever thaws it then waits for that,
    so that the last word is always that it runs.
    """

    def __init__(self, engine: Engine, roster: Roster, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._roster = roster
        self._clock = clock
        self._frozen: set[str] = set()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def __contains__(self, instance_id: str) -> bool:
        return instance_id in self._frozen

    async def freeze(self, instance_id: str) -> None:
        """Pause an instance that is still ready. Raises EngineError, after which nobody knows whether it
        runs.
        """
        async with self._lock(instance_id):
            if not self._is(instance_id, State.WARM):
                return
            self._frozen.add(instance_id)
            await self._engine.pause(instance_id)
            if self._is(instance_id, State.WARM):
                self._roster.step(instance_id, State.PAUSED, self._clock())

    async def thaw(self, instance_id: str) -> None:
        """Let an instance run; one that runs already is left alone. Raises EngineError."""
        async with self._lock(instance_id):
            if instance_id not in self._frozen:
                return
            await self._engine.unpause(instance_id)
            self._frozen.discard(instance_id)
            if self._is(instance_id, State.PAUSED):
                self._roster.step(instance_id, State.WARM, self._clock())

    async def mend(self, instance_id: str, *, paused: bool) -> None:
        """The engine says that an instance does, or does not, stand still, which it should not. Raises
        EngineError.
        """
        lock = self._lock(instance_id)
        if lock.locked():
            return  # What the engine was seen doing is being changed right now.
        async with lock:
            instance = self._roster.get(instance_id)
            if (
                instance is None
                or instance.state is State.DRAINING
                or paused is (instance_id in self._frozen)
            ):
                return
            log.warning("paused_by_others" if paused else "unpaused_by_others", instance=short(instance_id))
            await (self._engine.unpause if paused else self._engine.pause)(instance_id)

    def forget(self, instance_id: str) -> None:
        """The instance is gone."""
        self._frozen.discard(instance_id)

    def _is(self, instance_id: str, state: State) -> bool:
        instance = self._roster.get(instance_id)
        return instance is not None and instance.state is state

    def _lock(self, instance_id: str) -> asyncio.Lock:
        lock = self._locks.get(instance_id)
        if lock is None:
            lock = self._locks[instance_id] = asyncio.Lock()
        return lock
