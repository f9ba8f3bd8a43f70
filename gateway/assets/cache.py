"""The cache as the rest of the gateway meets it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from gateway.assets.asset import Key, Refusal, Source
from gateway.assets.fetching import Fetcher
from gateway.assets.limits import DEFAULT
from gateway.assets.rules import METHODS, answerable
from gateway.assets.serving import Serving
from gateway.assets.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from gateway.assets.asset import Asset
    from gateway.assets.limits import Limits
    from gateway.assets.metrics import AssetMetrics
    from gateway.proxy.answer_rules import AnswerRules
    from gateway.proxy.desk import Serve
    from gateway.proxy.handling import Handling, Visiting
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.request import RequestHead
    from pool.core import states
    from pool.pools import Pools
    from pool.session import Session


class Assets:
    """Answers requests for static files that an untouched instance has answered before. `budget` is bytes; 0
    keeps nothing.
    """

    def __init__(
        self,
        pools: Pools,
        http: aiohttp.ClientSession,
        metrics: AssetMetrics,
        *,
        budget: int,
        clock: Callable[[], float],
        limits: Limits = DEFAULT,
    ) -> None:
        self._pools = pools
        self._metrics = metrics
        self._budget = budget
        self._clock = clock
        self._limits = limits
        self._store = Store(budget, limits, clock)
        self._asked: Counter[str] = Counter()
        self._fetcher = Fetcher(
            pools,
            http,
            limits,
            longest=self._store.longest,
            clock=clock,
            on_asset=self._keep,
            on_refused=self._refuse,
        )
        metrics.held.set_function(lambda: self._store.held)
        pools.listen(self._ended)

    def find(
        self, request: RequestHead, place: SessionPath, session: Session, rules: AnswerRules
    ) -> Serve | None:
        """Return what answers a living session's request; None if its instance must.

        What could have been answered is fetched in the background, for the next one who asks.
        """
        if not self._budget or request.method not in METHODS:
            return None
        if not session.kind.is_asset(place.rest.decode("ascii"), place.query.decode("ascii")):
            return None
        if not answerable(request):
            return None
        instance = self._pools.roster.get(session.instance_id)
        if instance is None:
            return None
        key = Key(Source(instance.pool, instance.generation), place.rest + place.query)
        asset = self._store.get(key)
        if asset is None:
            self._metrics.misses.inc()
            self._want(key, session)
            return None
        self._metrics.hits.inc()
        return self._serve(asset, rules)

    async def close(self) -> None:
        """Fetch no more."""
        await self._fetcher.close()

    def _serve(self, asset: Asset, rules: AnswerRules) -> Serve:
        def serve(visitor: Visiting, request: RequestHead) -> Handling:
            serving = Serving(visitor, request, asset, rules, asset.age_at(self._clock()))
            self._metrics.sent.inc(serving.length)
            return serving

        return serve

    def _want(self, key: Key, session: Session) -> None:
        if self._store.is_refused(key) or self._asked[session.instance_id] >= self._limits.by_session:
            return
        if self._fetcher.want(key):
            self._asked[session.instance_id] += 1

    def _keep(self, key: Key, asset: Asset) -> None:
        if not self._store.put(key, asset):
            self._refuse(key, Refusal.LENGTH)
            return
        self._metrics.stored.inc()

    def _refuse(self, key: Key, reason: Refusal) -> None:
        self._metrics.refused[reason].inc()
        if reason is not Refusal.ASSIGNED:
            self._store.refuse(key)

    def _ended(self, session: Session, reason: states.Reason) -> None:  # noqa: ARG002 - the listener's form
        self._asked.pop(session.instance_id, None)
