"""One file of an image, as any of its instances would answer it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gateway.proxy.answer import Head

OVERHEAD = 1024
"""Bytes an asset takes beside its text and body; generously."""


class Source(NamedTuple):
    """Whose instances all answer alike: those of one generation of a pool."""

    pool: str
    generation: str


class Key(NamedTuple):
    """What an asset is found by. `target` is path and query, relative to the server's base, as written."""

    source: Source
    target: bytes


class Refusal(StrEnum):
    """Why an answer is not kept. The words stand in metrics."""

    STATUS = "status"
    CACHE_CONTROL = "cache_control"
    COOKIE = "cookie"
    VARY = "vary"
    CODING = "coding"
    LENGTH = "length"
    SECRET = "secret"  # noqa: S105 - the word, not one
    FAULTY = "faulty"
    ASSIGNED = "assigned"


class Refused(Exception):
    """An answer is not kept, for `reason`."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Asset:
    """A kept answer. Times are seconds; `stored_at` is monotonic."""

    head: Head = field(repr=False)
    """Without what belongs to a connection, to the instance or to the gateway."""
    body: bytes = field(repr=False)
    lifetime: float
    """From its making until it is stale."""
    age: float
    """Since its making, when it was stored."""
    stored_at: float

    def age_at(self, now: float) -> float:
        """Return its age (RFC 9111 section 4.2.3)."""
        return self.age + now - self.stored_at

    def fresh_at(self, now: float) -> bool:
        """Return whether it may be answered without asking (RFC 9111 section 4.2)."""
        return self.age_at(now) < self.lifetime

    @property
    def size(self) -> int:
        """Bytes it counts for in the cache."""
        return OVERHEAD + len(self.body) + sum(len(name) + len(value) for name, value in self.head.fields)
