"""Fetches assets from instances that no visitor has ever had. Only what comes this way enters the cache.

An instance that a visitor has, or had, says what its visitor wants it to say.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from gateway.assets.asset import Refusal, Refused
from gateway.assets.rules import Arriving
from gateway.proxy.answer import Head
from pool.core.states import State
from pool.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.assets.asset import Asset, Key, Source
    from gateway.assets.limits import Limits
    from pool.core.instance import Instance
    from pool.pools import Pools
    from pool.upstream import Upstream

FIELDS = {"Accept-Encoding": "identity"}
"""All that is asked with. No credential: what a server tells anybody may be told to anybody."""


class Fetcher:
    """Fetches one file after the other for each source that something is wanted of, and none otherwise.

    `on_asset` and `on_refused` are told how each ended; a file is forgotten only after that.
    """

    def __init__(
        self,
        pools: Pools,
        http: aiohttp.ClientSession,
        limits: Limits,
        *,
        longest: int,
        clock: Callable[[], float],
        on_asset: Callable[[Key, Asset], None],
        on_refused: Callable[[Key, Refusal], None],
    ) -> None:
        self._pools = pools
        self._http = http
        self._limits = limits
        self._longest = longest
        self._clock = clock
        self._on_asset = on_asset
        self._on_refused = on_refused
        self._wanted: dict[Source, dict[Key, None]] = {}
        self._tasks = Tasks()

    def want(self, key: Key) -> bool:
        """Have a file fetched soon; return False if it is waited for already, or if too many are."""
        wanted = self._wanted.get(key.source)
        if wanted is None:
            wanted = self._wanted[key.source] = {key: None}
            self._tasks.spawn("assets", self._fetch_all(key.source, wanted))
            return True
        if key in wanted or len(wanted) >= self._limits.wanted:
            return False
        wanted[key] = None
        return True

    async def close(self) -> None:
        """Fetch no more."""
        await self._tasks.cancel()

    async def _fetch_all(self, source: Source, wanted: dict[Key, None]) -> None:
        try:
            while wanted:
                instance = await self._wait_for_one(source)
                if instance is None:
                    return
                key = next(iter(wanted))
                try:
                    self._on_asset(key, await self.fetch(key, instance))
                except Refused as refused:
                    self._on_refused(key, refused.reason)
                del wanted[key]
        finally:
            del self._wanted[source]

    async def _wait_for_one(self, source: Source) -> Instance | None:
        """Return an instance to ask once there is one; None if there was none for `limits.patience`."""
        deadline = self._clock() + self._limits.patience
        while (found := self._untouched(source)) is None:
            if self._clock() >= deadline:
                return None
            await asyncio.sleep(self._limits.look_every)
        return found

    def _untouched(self, source: Source) -> Instance | None:
        """Return the instance of a source that runs, has no visitor, and will get one last."""
        ready = self._pools.roster.ready(source.pool, source.generation)
        running = [i for i in ready if i.state is State.WARM and i.generation == source.generation]
        return running[-1] if running else None

    def _is_untouched(self, instance: Instance) -> bool:
        now = self._pools.roster.get(instance.id)
        return now is not None and now.state is State.WARM

    async def fetch(self, key: Key, instance: Instance) -> Asset:
        """Return what an instance answers. Raises Refused, also when a visitor has got it meanwhile."""
        known = self._pools.upstream(instance.id)
        if known is None:
            raise Refused(Refusal.ASSIGNED)
        try:
            async with asyncio.timeout(self._limits.fetch):
                asset = await self._ask(key, known[1])
        except (aiohttp.ClientError, TimeoutError):
            # Perhaps it was paused or ended: that says nothing of the file.
            raise Refused(Refusal.FAULTY if self._is_untouched(instance) else Refusal.ASSIGNED) from None
        if not self._is_untouched(instance):
            raise Refused(Refusal.ASSIGNED)
        return asset

    async def _ask(self, key: Key, upstream: Upstream) -> Asset:
        url = URL(upstream.url(key.target.decode("ascii")), encoded=True)
        began = self._clock()
        async with self._http.get(url, headers=FIELDS, allow_redirects=False) as response:
            head = Head("1.1", response.status, b"OK", response.raw_headers)
            arrived = self._clock()
            arriving = Arriving.judged(head, now=time.time(), delay=arrived - began, limit=self._longest)
            body = await response.read()
        return arriving.whole(body, upstream, stored_at=arrived)
