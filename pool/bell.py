"""Wakes everyone who waits for the next change."""

from __future__ import annotations

import asyncio


class Bell:
    """Many may wait; a ring wakes those who wait now and nobody who comes later."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Something has changed."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    async def heard(self, seconds: float) -> bool:
        """Wait for the next ring, at most `seconds`; return whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                await self._next.wait()
        except TimeoutError:
            return False
        return True
