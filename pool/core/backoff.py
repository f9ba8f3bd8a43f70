"""How long to wait after a failure before the next try."""

from __future__ import annotations

BASE_SECONDS = 1.0
CAP_SECONDS = 60.0


def delay(failures: int, jitter: float) -> float:
    """Return seconds to wait after `failures` failures in a row.

    Doubles from one second up to a minute. `jitter` in [0, 1) spreads it over the upper half, so that
    pools that failed together do not try again together.
    """
    if failures <= 0:
        return 0.0
    full = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** min(failures - 1, 16))
    return full * (0.5 + jitter / 2)
