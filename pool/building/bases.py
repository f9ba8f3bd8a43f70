"""Images that start from one of ours: when that one changes, they are built again."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pool.building.made import look
from pool.engines.docker_calls import open_client

if TYPE_CHECKING:
    from pool.building.context import BuildContext

BASE_ID = "base.id"
"""A file no Dockerfile copies: with it in the context, another base makes another image."""

_DEFAULT = re.compile(rb"^ARG BASE=(\S+)", re.MULTILINE)


def default_base(context: BuildContext) -> str:
    """Return the image a Dockerfile starts from by itself, or nothing."""
    found = _DEFAULT.search(context.files["Dockerfile"])
    return found[1].decode() if found else ""


def with_base(context: BuildContext, base_id: str) -> BuildContext:
    """Return a context that is another for another base."""
    return replace(context, files={**context.files, BASE_ID: base_id.encode()})


async def known_by_base(context: BuildContext, base: str) -> BuildContext:
    """Return the context with the base's id as it is now. Raises EngineError and its kin."""
    async with open_client(None) as docker:
        found = await look(docker, base)
    return with_base(context, found.id if found else "")
