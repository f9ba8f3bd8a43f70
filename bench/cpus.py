"""Two CPUs: one for the peer alone, the other for the load and the server behind."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cpus(NamedTuple):
    """Numbers as the kernel has them."""

    peer: int
    load: int


def two_cpus() -> Cpus:
    """Return the first two CPUs this process may use. Raises RuntimeError where there are no two."""
    if not hasattr(os, "sched_getaffinity"):
        raise RuntimeError("programs cannot be kept to one CPU here: run this on Linux")
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise RuntimeError("only one CPU may be used here, and load and peer would fight for it: give it two")
    return Cpus(usable[0], usable[1])


@contextmanager
def kept_to(cpu: int | None) -> Iterator[None]:
    """Programs started inside run on this CPU only, with all their threads and children; None: on any."""
    before = os.sched_getaffinity(0)
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
