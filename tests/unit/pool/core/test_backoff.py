from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pool.core.backoff import CAP_SECONDS, delay


def test_no_failure_means_no_wait() -> None:
    assert delay(0, 0.9) == 0.0


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_nothing_and_never_above_its_cap(failures: int, jitter: float) -> None:
    assert 0 < delay(failures, jitter) <= CAP_SECONDS


def test_jitter_spreads_waits_over_the_upper_half() -> None:
    assert delay(3, 0.0) == 2.0
    assert delay(3, 0.5) == 3.0
