"""Looks once whether a server answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from pool.upstream import Upstream

PROBE_LIMIT = 2.0
"""Seconds one probe may take; a server that accepts and then says nothing is not there yet."""

FIRST_ERROR = 400
"""RFC 9110 section 15: statuses from here on are errors."""


async def answers(http: aiohttp.ClientSession, upstream: Upstream, path: str) -> bool:
    """Return whether GET `path`, relative to the server's base, answers 2xx or 3xx.

    A redirect is not followed: it may lead to the visitor's address, which the gateway is not to ask for.
    """
    try:
        async with (
            asyncio.timeout(PROBE_LIMIT),
            http.get(upstream.url(path), headers=upstream.credential, allow_redirects=False) as response,
        ):
            return response.status < FIRST_ERROR
    except (aiohttp.ClientError, TimeoutError):
        return False
