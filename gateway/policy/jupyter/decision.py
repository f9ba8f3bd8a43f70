"""What becomes of one readable message of a page. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from gateway.policy.jupyter.known import KnownKernel


class Forward(NamedTuple):
    """The kernel gets this, in place of what the page sent."""

    content: dict[str, Any]
    metadata: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default; nobody writes to it
    active: bool = False
    """Whether it was the visitor's doing, and not the page's own."""
    closes: tuple[str, ...] = ()
    """Comms that the kernel is told to close before it, in a name of ours."""


class Stub(NamedTuple):
    """The kernel is not asked; this is the content of the answer."""

    content: dict[str, Any]


class Refuse(NamedTuple):
    """The page is told that it failed. `why` is a few words, nothing of the visitor's."""

    why: str


Decision = Forward | Stub | Refuse


@dataclass(slots=True)
class Standing:
    """What a message is judged by: what the author published, and what happened on its connection."""

    cells: frozenset[str] = field(repr=False)
    """Digests of the author's cells."""
    kernel: KnownKernel
    asked: bool = False
    """Whether a cell waits for a line that the visitor may type."""
