"""One websocket to a Pluto server, as a page would have it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp

from pool.errors import WarmFailed
from pool.kinds.pluto.messages import decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

REPLY_LIMIT = 60.0
"""Seconds a reply may take: without a system image the first one has the server compile for many."""

MAX_RECEIVED = 256 * 2**20
"""Bytes received over one connection."""


class PlutoClient:
    """Speaks to the server, one request at a time. `client_id` is to be unique to the connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, client_id: str) -> None:
        self._socket = socket
        self._client_id = client_id
        self._sent = 0
        self._received = 0

    async def request(
        self, kind: str, body: Mapping[str, Any], *, notebook_id: str = "", limit: float = REPLY_LIMIT
    ) -> Any:
        """Send a message and return what the reply to it holds. What else comes meanwhile is dropped.

        Raises WarmFailed when the connection ends, and TimeoutError: some requests are not answered.
        """
        self._sent += 1
        request_id = f"w{self._sent}"
        frame = encode(kind, body, client_id=self._client_id, request_id=request_id, notebook_id=notebook_id)
        async with asyncio.timeout(limit):
            try:
                await self._socket.send_bytes(frame)
            except ConnectionError as error:
                raise WarmFailed("Pluto's websocket broke") from error
            while True:
                message = await self._receive()
                if message.get("initiator_id") == self._client_id and message.get("request_id") == request_id:
                    return message.get("message")

    async def _receive(self) -> dict[str, Any]:
        frame = await self._socket.receive()
        if frame.type is not aiohttp.WSMsgType.BINARY:
            raise WarmFailed(f"Pluto's websocket ended ({frame.type.name.lower()})")
        self._received += len(frame.data)
        if self._received > MAX_RECEIVED:
            raise WarmFailed(f"Pluto sent more than {MAX_RECEIVED >> 20} MiB")
        try:
            return decode(frame.data)
        except ValueError as error:
            raise WarmFailed(f"Pluto's websocket carried what is {error}") from error
