"""Calls to one instance's server, as every kind makes them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from pool.errors import WarmFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from typing import Any

    from pool.upstream import Upstream

CALL_LIMIT = 60.0
"""Seconds one call may take: starting a kernel process is one call."""

CLOSE_LIMIT = 2.0
"""Seconds a server may take to answer a websocket's close."""

MAX_ANSWER = 64 * 2**20
"""Bytes of one answer; a notebook may hold pictures."""

MAX_LIST = 2**18
"""Bytes of an answer that only lists what is open. Once a visitor has it, what a server says is theirs to
say, and a few bytes can stand for many times as many in our memory.
"""

NOT_FOUND = 404
FIRST_NO_ANSWER = 300
"""RFC 9110 section 15: a redirect is no answer of an API."""


class Refused(WarmFailed):
    """A warming instance's server answered a call with an error."""

    code = "W308"
    remedy = "Read the call and its status in the detail, and the instance's log around it."

    def __init__(self, call: str, status: int, page: bytes = b"") -> None:
        super().__init__(f"{call} was answered with status {status}")
        self.answered = status
        self.page = page
        """What the server answered with."""


class HttpApi:
    """One server. Errors name the call and never its address, which holds the session's secret path.

    Every method raises WarmFailed when the server does not answer as it should, its subclass Refused for a
    status of 300 and above, TimeoutError past its limit.
    """

    def __init__(self, http: aiohttp.ClientSession, upstream: Upstream) -> None:
        self._http = http
        self._upstream = upstream

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        limit: float = CALL_LIMIT,
        most: int = MAX_ANSWER,
    ) -> bytes:
        """Return what a path answers with; `body` is sent as JSON. `limit` is seconds, `most` bytes."""
        call = named(method, path)
        try:
            async with (
                asyncio.timeout(limit),
                self._http.request(
                    method,
                    self._upstream.url(path),
                    headers=self._upstream.credential,
                    json=body,
                    allow_redirects=False,
                ) as response,
            ):
                answer = b"".join([piece async for piece in _pieces(response, call, most)])
        except aiohttp.ClientError as error:
            raise WarmFailed(f"{call}: {type(error).__name__}") from error
        if response.status >= FIRST_NO_ANSWER:
            raise Refused(call, response.status, answer)
        return answer

    async def visit(self, path: str, *, limit: float) -> None:
        """Ask for a path as a page would and throw the answer away, whatever it is."""
        try:
            async with (
                asyncio.timeout(limit),
                self._http.get(
                    self._upstream.url(path), headers=self._upstream.credential, allow_redirects=False
                ) as response,
            ):
                async for _ in response.content.iter_any():
                    pass
        except (aiohttp.ClientError, TimeoutError):
            return

    async def websocket(self, path: str, *, max_frame: int) -> aiohttp.ClientWebSocketResponse:
        """Open a websocket. `max_frame` is bytes of one message; the caller limits the time, and closes."""
        try:
            return await self._http.ws_connect(
                self._upstream.url(path),
                headers=self._upstream.credential,
                max_msg_size=max_frame,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_LIMIT),
            )
        except aiohttp.ClientError as error:
            raise WarmFailed(f"{named('websocket', path)}: {type(error).__name__}") from error


def named(method: str, path: str) -> str:
    """Return what a call is called in an error: without its query."""
    return f"{method} {path.partition('?')[0]}"


async def _pieces(response: aiohttp.ClientResponse, call: str, most: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in response.content.iter_any():
        size += len(piece)
        if size > most:
            raise WarmFailed(f"{call} was answered with more than {most >> 10} KiB")
        yield piece
