"""What the cache of assets counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

from gateway.assets.asset import Refusal

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry


class AssetMetrics:
    """Counters of all pools together."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.hits = Counter(
            "warmgate_assets_hits", "Requests for assets answered from the cache", registry=registry
        )
        self.misses = Counter(
            "warmgate_assets_misses", "Requests for assets relayed, as they were not kept", registry=registry
        )
        self.sent = Counter(
            "warmgate_assets_sent_bytes", "Body bytes answered from the cache", registry=registry
        )
        self.stored = Counter("warmgate_assets_stored", "Assets taken into the cache", registry=registry)
        self.held = Gauge("warmgate_assets_held_bytes", "Bytes the cache holds now", registry=registry)
        refused = Counter(
            "warmgate_assets_refused", "Fetched answers that were not kept", ["reason"], registry=registry
        )
        self.refused = {reason: refused.labels(reason) for reason in Refusal}
