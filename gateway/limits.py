"""How much one address may take: notebooks in a minute, and sessions and tickets at once. Pure; the clock is
passed in.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network
from typing import TYPE_CHECKING

from cachetools import TTLCache

from gateway.errors import SessionsLimited, SpawnsLimited

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.proxy.visitor import Address

MINUTE = 60.0
"""Seconds in which an empty bucket is full again; one nobody has used for so long need not be kept."""

BUCKETS = 65_536
"""Buckets there are at most, some 20 MB of them. An attacker with more addresses than that pushes out
their own and other people's, which makes the limit milder and nothing else.
"""

SITE_BITS = 64
"""Leading bits of an IPv6 address that one customer has, at the least, to themselves."""

ROUNDING = 1e-9
"""Part of a token that sums of floats may lack."""


@dataclass(slots=True)
class Bucket:
    """How many notebooks one group of addresses may still ask for, as of the time `at`."""

    tokens: float
    at: float


class Limits:
    """Counts for each address, by /64 for IPv6. 0 is no limit.

    Addresses of this machine are never limited: they are its operator's, or those of a proxy that is not in
    `trusted_proxies` and stands for everybody. Neither is None, a visitor who has left already.

    `clock` is monotonic seconds. Holds as many entries as there are sessions and tickets, and BUCKETS more.
    """

    def __init__(
        self, *, sessions_per_address: int, spawns_per_minute: int, clock: Callable[[], float]
    ) -> None:
        self._most_held = sessions_per_address
        self._burst = spawns_per_minute
        self._clock = clock
        self._buckets: TTLCache[str, Bucket] = TTLCache(BUCKETS, MINUTE, timer=clock)
        self._holders: dict[str, str] = {}
        self._held: Counter[str] = Counter()

    def configure(self, *, sessions_per_address: int, spawns_per_minute: int) -> None:
        """Count by other limits from now on; what is held stays held."""
        self._most_held = sessions_per_address
        self._burst = spawns_per_minute

    def spawn(self, address: Address | None) -> None:
        """Count one wish for a notebook. Raises SpawnsLimited, which says how long to wait."""
        group = _group(address)
        if group is None or not self._burst:
            return
        now = self._clock()
        rate = self._burst / MINUTE
        bucket = self._buckets.get(group) or Bucket(self._burst, now)
        tokens = min(self._burst, bucket.tokens + (now - bucket.at) * rate)
        if tokens < 1 - ROUNDING:
            raise SpawnsLimited(f"{group}: {self._burst} in a minute", math.ceil((1 - tokens) / rate))
        # Put anew, because only that begins another minute in the cache.
        self._buckets[group] = Bucket(tokens - 1, now)

    def hold(self, address: Address | None, what: str) -> None:
        """Count a ticket or session, named by any key of its own, until `release`. Twice is once.

        Raises SessionsLimited.
        """
        group = _group(address)
        if group is None or not self._most_held or what in self._holders:
            return
        if self._held[group] >= self._most_held:
            raise SessionsLimited(f"{group}: {self._most_held} at once")
        self._holders[what] = group
        self._held[group] += 1

    def move(self, before: str, after: str) -> None:
        """Let what is held go on under another key: a ticket has become a session."""
        group = self._holders.pop(before, None)
        if group is not None:
            self.release(after)
            self._holders[after] = group

    def release(self, what: str) -> None:
        """Count a ticket or session no longer. One that is not counted, or no longer, is left alone."""
        group = self._holders.pop(what, None)
        if group is None:
            return
        self._held[group] -= 1
        if not self._held[group]:
            del self._held[group]


def _group(address: Address | None) -> str | None:
    """Return what is counted together with an address, None for what is not counted."""
    if address is None or address.is_loopback:
        return None
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), SITE_BITS), strict=False))
    return str(address)
