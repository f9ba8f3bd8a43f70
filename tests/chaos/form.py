"""Two forms of every scenario: a short one for each test run, a long one for `make chaos`."""

from __future__ import annotations

import os
from random import Random

FULL = os.environ.get("CHAOS") == "full"

SEED = int(os.environ.get("CHAOS_SEED") or Random().randrange(10**6))
"""Told in the table; CHAOS_SEED repeats a run's dice, though not the machine's own timing."""


def dice(purpose: str) -> Random:
    """Return dice of their own for one purpose, so that one scenario does not shift another's."""
    return Random(f"{SEED}:{purpose}")
