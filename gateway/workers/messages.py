"""What the owner of the pool and its workers tell each other. Pure: values to bytes and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping

SEPARATOR = b"\n"
"""Between a message and the bytes it carries; JSON on one line holds none."""


@dataclass(frozen=True, slots=True)
class Site:
    """To a worker, first: what it must know of the gateway. Fields are those of `[gateway]`."""

    prefix: str
    trusted_proxies: list[str]
    embed_origins: list[str]
    own_names_only: bool
    public_url: str
    session_domain: str
    log_format: str


@dataclass(frozen=True, slots=True)
class Pools:
    """To a worker: the pools a new notebook can be asked for from, and whether by everybody."""

    names: list[str]
    open_to_all: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """To a worker: a session lives."""

    id: str = field(repr=False)
    instance_id: str
    pool: str
    kind: str
    host: str
    port: int
    public_path: str = field(repr=False)
    base_path: str = field(repr=False)
    credential: list[list[str]] = field(repr=False)
    secret: str = field(repr=False)
    host_label: str = ""
    """Of the session's own host, in host mode."""
    judged: bool = False
    published: Mapping[str, Any] | None = field(repr=False, default=None)
    """What readers may use, where the session is judged; see `pool.kinds.published`."""


@dataclass(frozen=True, slots=True)
class Ended:
    """To a worker: a session is over."""

    id: str = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """To a worker: let nobody new in, say goodbye, end."""


@dataclass(frozen=True, slots=True)
class Ready:
    """To the owner: visitors are let in."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Both ways, with a descriptor: a visitor's connection. The bytes are what came over it and was not
    answered yet; `more` says that further bytes follow before it.
    """

    more: bool = False


@dataclass(frozen=True, slots=True)
class Used:
    """To the owner, now and then: what happened since the last time.

    `requests` are counts by class of status, `touched` and `claimed` the ids of sessions that were used and
    that a visitor came to for the first time.
    """

    requests: list[int]
    to_instance: int
    to_visitor: int
    tunnels: int
    touched: list[str] = field(repr=False)
    claimed: list[str] = field(repr=False)
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Lost:
    """To the owner: an instance's connection broke; perhaps it has ended."""


Message = Site | Pools | Opened | Ended | Stop | Ready | Connection | Used | Lost

_TYPES: dict[str, Any] = {
    kind.__name__: kind for kind in (Site, Pools, Opened, Ended, Stop, Ready, Connection, Used, Lost)
}


def encode(message: Message, data: bytes = b"") -> bytes:
    """Return a message and the bytes it carries as one."""
    return orjson.dumps([type(message).__name__, asdict(message)]) + SEPARATOR + data


def decode(packet: bytes) -> tuple[Message, bytes]:
    """Return what `encode` was given. Raises ValueError, KeyError, TypeError for anything else."""
    text, _, data = packet.partition(SEPARATOR)
    name, content = orjson.loads(text)
    return _TYPES[name](**content), data
