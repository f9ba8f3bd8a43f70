"""Assets by key, within a budget of bytes. Pure but for what it remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cachetools import LRUCache, TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.assets.asset import Asset, Key
    from gateway.assets.limits import Limits


def _size(asset: Asset) -> int:
    return asset.size


class Store:
    """Holds at most `budget` bytes; what was not asked for the longest time makes room."""

    def __init__(self, budget: int, limits: Limits, clock: Callable[[], float]) -> None:
        self._assets: LRUCache[Key, Asset] = LRUCache(budget, getsizeof=_size)
        self._refused: TTLCache[Key, None] = TTLCache(limits.refused, limits.refused_for, timer=clock)
        self._clock = clock
        self.longest = min(limits.file, budget)
        """Bytes of the longest body that is kept."""

    def __len__(self) -> int:
        return len(self._assets)

    @property
    def held(self) -> int:
        """Bytes of all assets."""
        return int(self._assets.currsize)

    def get(self, key: Key) -> Asset | None:
        """Return what is kept and still fresh."""
        asset = self._assets.get(key)
        if asset is None or asset.fresh_at(self._clock()):
            return asset
        del self._assets[key]
        return None

    def put(self, key: Key, asset: Asset) -> bool:
        """Keep an asset; return False for one that is larger than all the room there is."""
        if asset.size > self._assets.maxsize:
            return False
        self._assets[key] = asset
        return True

    def refuse(self, key: Key) -> None:
        """Remember for a while that this is not to be kept."""
        self._refused[key] = None

    def is_refused(self, key: Key) -> bool:
        """Return whether that is remembered."""
        return key in self._refused
