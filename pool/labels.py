"""What a container's labels say, so that a restarted gateway finds its instances again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson
from pydantic import TypeAdapter, ValidationError

from pool.engines.engine import (
    LABEL_ADOPT,
    LABEL_GATEWAY,
    LABEL_GENERATION,
    LABEL_INSTANCE,
    LABEL_POOL,
)

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Record:
    """Kept in one label as JSON. Times are monotonic seconds, sizes bytes. Nothing in it is secret."""

    kind: str
    charge: int
    created_at: float
    idle_timeout: float
    max_age: float
    entry: str
    prefix: str
    """The path of `public_url` when the instance was made: its server may have been started with it."""
    strips_prefix: bool
    asks_token: bool
    """Whether its server was told its token and asks for it."""
    fingerprint: str
    """Of the secret that its session id and token were made with."""
    judged: bool = False
    """Whether its visitor may only view. Labels of versions that could not say so mean that they may edit."""


@dataclass(frozen=True, slots=True)
class Tag:
    """All labels of one instance."""

    gateway: str
    pool: str
    instance: str
    generation: str
    record: Record


_records = TypeAdapter(Record)


def write(tag: Tag) -> dict[str, str]:
    """Return the labels of an instance."""
    return {
        LABEL_GATEWAY: tag.gateway,
        LABEL_POOL: tag.pool,
        LABEL_INSTANCE: tag.instance,
        LABEL_GENERATION: tag.generation,
        LABEL_ADOPT: orjson.dumps(asdict(tag.record)).decode(),
    }


def read(labels: Mapping[str, str]) -> Tag | None:
    """Return what labels say, or None when they were not written by this version of warmgate."""
    try:
        return Tag(
            gateway=labels[LABEL_GATEWAY],
            pool=labels[LABEL_POOL],
            instance=labels[LABEL_INSTANCE],
            generation=labels[LABEL_GENERATION],
            record=_records.validate_json(labels[LABEL_ADOPT]),
        )
    except (KeyError, ValidationError):
        return None
