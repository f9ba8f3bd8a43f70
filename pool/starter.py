"""Brings one instance from the decision to warm: make it, wait for its server, prepare what visitors need."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from pool.core.states import PREPARING, State
from pool.errors import EngineError, StartFailed, WarmTooLong
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from pool.core.instance import Instance
    from pool.engines.engine import Engine
    from pool.identity import Identities
    from pool.pool import Pool
    from pool.pools import Pools
    from pool.upstream import Upstream

log = structlog.stdlib.get_logger(__name__)

PROBE_EVERY = 0.1
"""Seconds between two looks at a server that does not answer yet."""

LOG_LINES = 20
"""Lines of a failed instance's output that go to the log."""


class Starter:
    """Knows the order of steps and their limits; engine and kind do them."""

    def __init__(
        self,
        engine: Engine,
        http: aiohttp.ClientSession,
        pools: Pools,
        identities: Identities,
        *,
        gateway_id: str,
        prefix: str,
        clock: Callable[[], float],
    ) -> None:
        self._engine = engine
        self._http = http
        self._pools = pools
        self._identities = identities
        self._gateway_id = gateway_id
        self._prefix = prefix
        self._clock = clock

    async def start(self, pool: Pool, instance: Instance) -> None:
        """Make the instance and make it warm. Raises StartFailed, WarmFailed or EngineError; what is left
        behind then is for the caller to end.
        """
        tag = pool.tag(instance, self._gateway_id, self._prefix, self._identities.fingerprint)
        try:
            async with asyncio.timeout(pool.settings.start_timeout):
                address = await self._engine.start(pool.launch(tag, self._identities))
                upstream = self._pools.introduce(tag, address)
                await self._answers(pool, instance.id, upstream)
        except TimeoutError:
            limit = f"{pool.settings.start_timeout:g} s"
            raise StartFailed(f"no answer within {limit}{await self._output(instance.id)}") from None
        except StartFailed as error:
            raise StartFailed(f"{error.detail}{await self._output(instance.id)}") from error
        self._step(instance.id, State.WARMING)
        await self.warm(pool, instance.id)

    async def warm(self, pool: Pool, instance_id: str) -> None:
        """Take an instance whose server should answer to warm. Raises StartFailed, WarmFailed."""
        found = self._pools.upstream(instance_id)
        if found is None:
            raise StartFailed("it ended meanwhile")
        kind, upstream = found
        doing = "an answer"

        def tell(now: str) -> None:
            nonlocal doing
            doing = now

        try:
            async with asyncio.timeout(pool.settings.warm_timeout):
                await self._answers(pool, instance_id, upstream)
                warmed = await kind.warm(self._http, upstream, pool.settings, tell)
        except TimeoutError:
            limit = f"{pool.settings.warm_timeout:g} s"
            raise WarmTooLong(f"not warm within {limit}; what was waited for last: {doing}") from None
        self._pools.prepared(instance_id, warmed)
        self._step(instance_id, State.WARM)

    async def _answers(self, pool: Pool, instance_id: str, upstream: Upstream) -> None:
        while not await pool.kind.probe(self._http, upstream, pool.settings):
            self._still_wanted(instance_id)
            await asyncio.sleep(PROBE_EVERY)

    def _still_wanted(self, instance_id: str) -> None:
        instance = self._pools.roster.get(instance_id)
        if instance is None or instance.state not in PREPARING:
            raise StartFailed("its process ended")

    def _step(self, instance_id: str, state: State) -> None:
        self._still_wanted(instance_id)
        self._pools.roster.step(instance_id, state, self._clock())
        log.debug("instance_stepped", instance=short(instance_id), state=state.value)

    async def _output(self, instance_id: str) -> str:
        """Return the last lines of the instance's output, without its secrets."""
        try:
            text = await self._engine.logs(instance_id, LOG_LINES)
        except EngineError:
            return ""
        told = self._identities.without_secrets(text, instance_id).strip()
        return f"; its last output:\n{told}" if told else ""
